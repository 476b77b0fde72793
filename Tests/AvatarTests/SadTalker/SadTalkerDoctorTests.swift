import Foundation
import TestSupport
import Testing

@testable import Avatar

/// A checkout with small weights, and stand-ins for its packages, for a real Python.
private struct StandInCheckout {
    static let python = StandInSadTalker.python
    static let absence: Comment = "no python3 in /usr/bin: apt install python3"

    let folder: TemporaryDirectory
    var configuration: SadTalkerConfiguration

    init() throws {
        folder = try TemporaryDirectory()
        configuration = SadTalkerConfiguration(checkout: folder.path(of: "SadTalker"))
        configuration.python = Self.python ?? ""
        try folder.createDirectory("tmp")
        try write("", to: "inference.py")
        for name in ["torchvision", "cv2", "scipy", "skimage", "librosa", "facexlib", "gfpgan"] {
            try write("__version__ = '1.0'\n", to: "\(name)/__init__.py")
        }
        try write("__version__ = '1.23.4'\n", to: "numpy/__init__.py")
        try write("", to: "PIL/__init__.py")
        try write("ANTIALIAS = 1\n", to: "PIL/Image.py")
        try write(
            """
            __version__ = "1.12.1"
            class cuda:
                is_available = staticmethod(lambda: True)
                get_device_name = staticmethod(lambda index: "NVIDIA H200")
                get_device_properties = staticmethod(lambda index: type("P", (), {"total_memory": 150 * 10**9}))
            """,
            to: "torch/__init__.py"
        )
        for name in [
            "utils/preprocess", "test_audio2coeff", "facerender/animate", "generate_batch",
            "generate_facerender_batch",
        ] { try write("import numpy as np\n", to: "src/\(name).py") }
        try writeWeights()
    }

    func write(_ text: String, to name: String) throws { try folder.write(text, to: "SadTalker/\(name)") }

    /// Weights that are whole: a header of safetensors, and a zip of nothing.
    func writeWeights(missing: Int = 0) throws {
        let header = #"{"x":{"dtype":"U8","shape":[2000],"data_offsets":[0,2000]}}"#
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
        let bytes = length + Array(header.utf8) + [UInt8](repeating: 0, count: 2_000 - missing)
        try folder.write(bytes, to: "SadTalker/checkpoints/SadTalker_V0.0.2_256.safetensors")
        let zip = [UInt8](repeating: 0x50, count: 1) + [0x4B] + [UInt8](repeating: 0, count: 1_100)
        let end: [UInt8] = [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)
        try folder.write(zip + end, to: "SadTalker/checkpoints/mapping_00229-model.pth.tar")
        for name in ["alignment_WFLW_4HG", "detection_Resnet50_Final"] {
            try folder.write(
                [UInt8](repeating: 0x80, count: 2_000),
                to: "SadTalker/gfpgan/weights/\(name).pth"
            )
        }
    }

    func examine() async throws -> SadTalkerExamination {
        let host = LocalSadTalkerHost(temporaryFolder: folder.path(of: "tmp"))
        let examination = try await SadTalkerDoctor(configuration: configuration, host: host).examine()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path(of: "tmp")).isEmpty)
        return examination
    }

    /// The one failure that there must be, but for an ffmpeg or disk that this machine may lack.
    func failure() async throws -> SadTalkerFinding {
        let failures = try await examine().findings.filter {
            $0.state == .failure && $0.check != .ffmpeg && $0.check != .disk
        }
        #expect(failures.count == 1, "\(failures)")
        return try #require(failures.first)
    }
}

@Suite("What SadTalker's doctor finds")
struct SadTalkerDoctorTests {
    @Test(
        "A healthy installation is healthy",
        .enabled(if: StandInCheckout.python != nil, StandInCheckout.absence)
    )
    func healthy() async throws {
        let findings = try await StandInCheckout().examine().findings
        let broken = findings.filter { $0.state == .failure && $0.check != .ffmpeg && $0.check != .disk }
        #expect(broken.isEmpty, "\(broken)")
        for check in SadTalkerFinding.Check.allCases where check != .host && check != .sources {
            #expect(findings.contains { $0.check == check }, "\(check)")
        }
        #expect(findings.contains { $0.detail == "NVIDIA H200, 150.0 GB" && $0.state == .ok })
    }

    @Test(
        "What is broken is the one failure, with its fix",
        .enabled(if: StandInCheckout.python != nil, StandInCheckout.absence),
        arguments: [
            (
                "torchvision module", "src/facerender/animate.py",
                "import torchvision.transforms.functional_tensor\n", SadTalkerFinding.Check.imports,
                "No module named 'torchvision.transforms"
            ),
            (
                "numpy alias", "src/face3d/util/my_awing_arch.py",
                "import numpy as np\npreds = preds.astype(np.float, copy=False)\n", .sources, "np\\.float"
            ),
            (
                "uneven array", "src/face3d/util/preprocess.py",
                "trans_params = np.array([w0, h0, s, t[0], t[1]])\n", .sources, "t[0][0]"
            ),
            ("Pillow", "src/utils/croper.py", "x = Image.ANTIALIAS\n", .sources, "Image.LANCZOS"),
            (
                "missing package", "librosa/__init__.py", "import numba_is_not_here\n", .imports,
                "requirements.txt"
            ),
            ("crash", "src/generate_batch.py", "import os\nos.abort()\n", .imports, "crashed (signal 6)"),
        ]
    )
    func broken(
        name: String,
        file: String,
        code: String,
        check: SadTalkerFinding.Check,
        words: String
    ) async throws {
        let checkout = try StandInCheckout()
        try checkout.write("__version__ = '1.26.4'\n", to: "numpy/__init__.py")
        try checkout.write("", to: "PIL/Image.py")
        try checkout.write("", to: "torchvision/transforms/__init__.py")
        try checkout.write(code, to: file)
        let failure = try await checkout.failure()
        #expect(failure.check == check)
        #expect(failure.description.contains(words), "\(failure)")
        #expect(failure.fix != nil)
    }

    @Test(
        "Weights that are missing, cut off or no weights are told",
        .enabled(if: StandInCheckout.python != nil, StandInCheckout.absence)
    )
    func weights() async throws {
        let checkout = try StandInCheckout()
        try checkout.writeWeights(missing: 1)
        var failure = try await checkout.failure()
        #expect(failure.check == .checkpoints)
        #expect(failure.detail.contains("256.safetensors is cut off: "))
        #expect(failure.fix?.contains("download_models.sh") == true)
        try checkout.writeWeights()
        let page = "<html>" + String(repeating: "x", count: 2_000)
        try checkout.write(page, to: "checkpoints/mapping_00229-model.pth.tar")
        failure = try await checkout.failure()
        #expect(failure.detail.contains("mapping_00229-model.pth.tar is no file of weights"))
        try checkout.writeWeights()
        try checkout.folder.remove("SadTalker/checkpoints/SadTalker_V0.0.2_256.safetensors")
        failure = try await checkout.failure()
        #expect(failure.detail.contains("SadTalker_V0.0.2_256.safetensors is missing"))
    }

    @Test(
        "No graphics card is a warning",
        .enabled(if: StandInCheckout.python != nil, StandInCheckout.absence)
    )
    func noCard() async throws {
        let checkout = try StandInCheckout()
        let code = "__version__ = '1'\nclass cuda:\n    is_available = staticmethod(lambda: False)\n"
        try checkout.write(code, to: "torch/__init__.py")
        let cuda = try await checkout.examine().findings.first { $0.check == .cuda }
        #expect(cuda?.state == .warning)
        #expect(cuda?.fix?.contains("nvidia-smi") == true)
    }

    @Test("A missing checkout and a missing Python are failures with a fix")
    func missing() async throws {
        let host = LocalSadTalkerHost()
        var configuration = SadTalkerConfiguration(checkout: "/nowhere")
        var examination = try await SadTalkerDoctor(configuration: configuration, host: host).examine()
        #expect(examination.findings.map(\.check) == [.checkout])
        #expect(!examination.isHealthy)
        #expect(examination.reason == "checkout: there is no folder /nowhere")
        configuration = SadTalkerConfiguration(checkout: "/")
        configuration.python = "/nowhere/python"
        examination = try await SadTalkerDoctor(configuration: configuration, host: host).examine()
        #expect(examination.findings.map(\.check) == [.python])
        #expect(examination.findings.first?.fix?.contains("VOXSITE_SADTALKER_PYTHON") == true)
    }

    @Test("A Python that hangs, or says nothing that is known, is a failure")
    func silence() {
        let hung = SadTalkerDoctor.read(ProgramEnd(status: .timedOut), timeoutSeconds: 180)
        #expect(hung.map(\.state) == [.failure])
        #expect(hung.first?.detail == "loading it takes longer than 180 s")
        let line = #"{"check": "python", "state": "ok", "detail": "Python 3.8.18"}"#
        let torn = ProgramEnd(status: .exited(0), output: "noise\n{\n\(line)\n{\"check\": \"im")
        #expect(SadTalkerDoctor.read(torn, timeoutSeconds: 180).map(\.state) == [.ok, .failure])
        let mute = SadTalkerDoctor.read(
            ProgramEnd(status: .exited(1), errors: "x: bad option\n"),
            timeoutSeconds: 1
        )
        #expect(mute.first?.detail == "its Python ended with status 1: x: bad option")
    }
}
