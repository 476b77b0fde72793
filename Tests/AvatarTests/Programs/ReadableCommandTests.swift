import Testing

@testable import Avatar

@Suite struct ReadableCommandTests {
    @Test func `a command for people has quotes only where a shell needs them`() {
        let words = ["voxsite", "a b", "it's", "--x=./1,2", "", "$(id)", "é"]
        #expect(ShellText.readable(words) == "voxsite 'a b' 'it'\\''s' --x=./1,2 '' '$(id)' 'é'")
    }
}
