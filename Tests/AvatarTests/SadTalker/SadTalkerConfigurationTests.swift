import Foundation
import Testing

@testable import Avatar

@Suite("SadTalker's settings")
struct SadTalkerConfigurationTests {
    @Test("A file says all, and what it leaves out is as SadTalker has it")
    func file() throws {
        let least = try SadTalkerConfiguration(json: Data(#"{"checkout": "/opt/SadTalker"}"#.utf8))
        #expect(least == SadTalkerConfiguration(checkout: "/opt/SadTalker"))
        #expect(least.timeoutSeconds == 600)
        #expect(least.preprocess == .crop)
        #expect(least.enhancer == nil)
        let most = try SadTalkerConfiguration(
            json: Data(
                #"""
                {"checkout": "/opt/SadTalker", "python": "/opt/venv/bin/python", "checkpoints": "/data/weights",
                 "size": 512, "enhancer": "RestoreFormer", "preprocess": "full", "still": true, "old_version": true,
                 "batch_size": 8, "pose_style": 45, "timeout_seconds": 90.5, "host": "gpu1",
                 "portraits": {"art_0": "/faces/art_0.png"}}
                """#.utf8
            )
        )
        #expect(most.python == "/opt/venv/bin/python")
        #expect(most.checkpoints == "/data/weights")
        #expect(most.size == .pixels512)
        #expect(most.enhancer == .restoreFormer)
        #expect(most.preprocess == .full)
        #expect(most.isStill && most.usesOldVersion)
        #expect(most.batchSize == 8)
        #expect(most.poseStyle == 45)
        #expect(most.timeoutSeconds == 90.5)
        #expect(most.hostName == "gpu1")
        #expect(try most.portrait(of: "art_0") == "/faces/art_0.png")
        #expect(throws: AvatarError.self) { try most.portrait(of: "art_5") }
    }

    @Test(
        "What cannot be used is named",
        arguments: [
            (#"{"#, "it is no JSON"), (#"[]"#, "it is no JSON object"), (#"{}"#, "checkout: it is missing"),
            (#"{"checkout": "SadTalker"}"#, "checkout: it must be an absolute path"),
            (#"{"checkout": ""}"#, "checkout: it is empty"),
            (#"{"checkout": "/a$(rm)"}"#, "checkout: it contains"),
            (#"{"checkout": "/a\u0000b"}"#, "checkout: it contains a control character"),
            (#"{"checkout": "/a", "size": 300}"#, "size: \"300\" is none of 256, 512"),
            (#"{"checkout": "/a", "size": "512"}"#, "size: it must be a Int"),
            (
                #"{"checkout": "/a", "enhancer": "x"}"#,
                "enhancer: \"x\" is none of gfpgan, RestoreFormer, none"
            ),
            (#"{"checkout": "/a", "preprocess": "x"}"#, "preprocess: \"x\" is none of crop, extcrop"),
            (#"{"checkout": "/a", "timeout_seconds": 0}"#, "timeout_seconds: 0 is outside"),
            (#"{"checkout": "/a", "batch_size": 0}"#, "batch_size: 0 is outside"),
            (#"{"checkout": "/a", "pose_style": 46}"#, "pose_style: 46 is outside"),
            (#"{"checkout": "/a", "python": "bin/python"}"#, "python: it must be a name or an absolute path"),
            (#"{"checkout": "/a", "python": "-c"}"#, "python: it begins with -"),
            (#"{"checkout": "/a", "enhancr": "gfpgan"}"#, "enhancr: there is no such key"),
            (#"{"checkout": "/a", "portraits": {"x": "-y"}}"#, "portraits.x: it begins with -"),
        ]
    )
    func refusals(json: String, words: String) {
        do {
            _ = try SadTalkerConfiguration(json: Data(json.utf8))
            Issue.record("taken: \(json)")
        } catch { #expect(error.description.contains(words), "\(error)") }
    }

    @Test("The environment overrides the file, and without either there is no SadTalker")
    func environment() throws {
        #expect(try SadTalkerConfiguration.find(environment: ["PATH": "/bin"]) == nil)
        #expect(try SadTalkerConfiguration.find(environment: ["VOXSITE_SADTALKER_SIZE": "512"]) == nil)
        let variables = [
            "VOXSITE_SADTALKER_CONFIG": "/etc/sadtalker.json", "VOXSITE_SADTALKER_SIZE": "512",
            "VOXSITE_SADTALKER_ENHANCER": "gfpgan", "VOXSITE_SADTALKER_STILL": "yes",
            "VOXSITE_SADTALKER_TIMEOUT_SECONDS": "30", "VOXSITE_SADTALKER_PYTHON": "",
        ]
        let found = try SadTalkerConfiguration.find(environment: variables) { path in
            #expect(path == "/etc/sadtalker.json")
            return Data(#"{"checkout": "/a", "size": 256, "python": "python3.8"}"#.utf8)
        }
        let configuration = try #require(found)
        #expect(configuration.checkout == "/a")
        #expect(configuration.size == .pixels512)
        #expect(configuration.enhancer == .gfpgan)
        #expect(configuration.isStill)
        #expect(configuration.timeoutSeconds == 30)
        #expect(configuration.python == "python3.8")
    }

    @Test(
        "A variable that cannot be used is named",
        arguments: [
            ["VOXSITE_SADTALKER_CONFIG": "/nowhere.json"],
            ["VOXSITE_SADTALKER_CHECKOUT": "/a", "VOXSITE_SADTALKER_SIZE": "big"],
            ["VOXSITE_SADTALKER_CHECKOUT": "/a", "VOXSITE_SADTALKER_STILL": "perhaps"],
            ["VOXSITE_SADTALKER_CHECKOUT": "/a", "VOXSITE_SADTALKER_TIMEOUT_SECONDS": "nan"],
        ]
    )
    func badEnvironment(variables: [String: String]) {
        #expect(throws: AvatarError.self) { try SadTalkerConfiguration.find(environment: variables) }
    }

    @Test("An engine for another host needs that host")
    func host() {
        var configuration = SadTalkerConfiguration(checkout: "/a")
        configuration.hostName = "gpu1"
        let expected = AvatarError.sadTalkerConfiguration(key: "host", reason: "\"gpu1\" is not connected")
        #expect(throws: expected) {
            try SadTalkerEngine(configuration: configuration)
        }
    }

    @Test(
        "Bars and lines tell the stage",
        arguments: [
            (
                "Face Renderer::  45%|####      | 9/20 [00:03<00:04,  3.01it/s]",
                SadTalkerProgress.Stage.frames, 0.45
            ),
            ("Face Enhancer:: 100%|##########| 20/20", .enhancing, 1), ("mel::   0%|", .audio, 0),
            ("audio2exp:: 7%|", .audio, 0.07), ("seamlessClone:: 50%|", .pasting, 0.5),
            ("landmark Det:: 99%|", .face, 0.99), ("3DMM Extraction for source image", .face, nil),
            ("using safetensor as default", .loading, nil), ("Face Renderer:: 999%|", .frames, nil),
        ] as [(String, SadTalkerProgress.Stage, Double?)]
    )
    func progress(line: String, stage: SadTalkerProgress.Stage, fraction: Double?) {
        #expect(SadTalkerProgress(line: line) == SadTalkerProgress(stage, fraction: fraction))
    }

    @Test("Other lines tell nothing")
    func noProgress() { #expect(SadTalkerProgress(line: "The generated video is named: 45%") == nil) }
}
