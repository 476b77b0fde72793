import TestSupport
import Testing

@testable import RunRecords

@Suite("Run description") struct RunDescriptionTests {
    @Test("It is written as the format says, keys in order")
    func json() throws {
        let folder = try TemporaryDirectory()
        let description = RunDescription(
            id: try RunID(validating: "stage2"),
            name: "VoxFormer \"2\"",
            engine: "trainer",
            stage: "stage2",
            started: 1765467060,
            totalEpochs: 5,
            stepsPerEpoch: 3568,
            totalSteps: 10_000,
            host: .init(name: "gpu-1", gpu: "RTX 4090"),
            configuration: [JSONMember(key: "lr", value: .number(3e-4)), JSONMember(key: "b", value: .null)],
            tags: ["a", "b"],
            notes: "n"
        )
        try description.write(runs: folder.path)
        let expected = """
            {"schema":1,"id":"stage2","name":"VoxFormer \\"2\\"","engine":"trainer","stage":"stage2",\
            "started":1765467060,"total_epochs":5,"steps_per_epoch":3568,"total_steps":10000,\
            "host":{"name":"gpu-1","gpu":"RTX 4090"},"config":{"lr":0.0003,"b":null},\
            "tags":["a","b"],"notes":"n"}

            """
        #expect(try folder.readText("stage2/run.json") == expected)
        #expect(try JSONParser.parse(description.json)["host"]?["gpu"]?.string == "RTX 4090")
    }

    @Test("What is not known is left out, and writing again replaces the file")
    func replacing() throws {
        let folder = try TemporaryDirectory()
        let id = try RunID(validating: "r")
        try RunDescription(id: id, name: "first", engine: "e", started: 1).write(runs: folder.path)
        try RunDescription(id: id, name: "second", engine: "e", started: 1).write(runs: folder.path)
        let expected = """
            {"schema":1,"id":"r","name":"second","engine":"e","started":1,"config":{},"tags":[],"notes":""}

            """
        #expect(try folder.readText("r/run.json") == expected)
    }
}
