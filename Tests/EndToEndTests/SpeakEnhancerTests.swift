import Foundation
import TestSupport
import Testing

/// `voxsite speak --enhancer`, with a stand-in for SadTalker that writes down how it was called.
@Suite(.timeLimit(.minutes(2))) struct SpeakEnhancerTests {
    @Test(arguments: ["gfpgan", "RestoreFormer"])
    func `SadTalker gets the enhancer, whatever its settings say`(_ enhancer: String) async throws {
        let folder = try TemporaryDirectory()
        try folder.createDirectory("checkout")
        try folder.write("", to: "checkout/inference.py")
        try folder.write(
            #"""
            #!/bin/sh
            if [ "$1" = -c ]; then
              printf '{"check":"python","state":"ok","detail":"Python 3.8.18"}\n'
              printf '{"check":"end","state":"ok","detail":""}\n'
              exit
            fi
            echo "$@" > "$(dirname "$0")/called"
            while [ $# -gt 0 ]; do [ "$1" = --result_dir ] && results=$2; shift; done
            printf '\000\000\000\020ftypisom\000\000\002\000drawn here' > "$results/2026_11_29_12.00.00.mp4"
            """#,
            to: "python"
        )
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: folder.path(of: "python")
        )
        try folder.write(ToneFile.wave(seconds: 1), to: "tone.wav")
        let process = try ChildProcess(
            try #require(Products.executable("voxsite")),
            ["speak", "--audio", "tone.wav", "--enhancer", enhancer, "--size", "256", "-o", "a.mp4"],
            directory: folder.path,
            environment: [
                "VOXSITE_SADTALKER_CHECKOUT": folder.path(of: "checkout"),
                "VOXSITE_SADTALKER_PYTHON": folder.path(of: "python"),
                "VOXSITE_SADTALKER_ENHANCER": "none",
            ]
        )
        let status = try await process.waitForExit(seconds: 60)
        let talk = process.errorLines.joined(separator: "\n")
        #expect(status == 0, "\(talk)")
        #expect(talk.contains("engine sadtalker256, neural"), "\(talk)")
        // The best engine worked: nobody needs to be told why.
        #expect(process.errorLines.count == 1, "\(talk)")
        #expect(try folder.readText("called").contains("--enhancer \(enhancer)"))
    }
}
