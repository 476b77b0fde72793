// swift-tools-version: 6.3
import PackageDescription

/// Every target of ours: Swift 6 language mode, the upcoming features a new package should start with,
/// and no warning left standing.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "voxsite",
    products: [
        .executable(name: "voxsite", targets: ["voxsite"])
    ],
    dependencies: [
        // Command line: flags, help, validation.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // HTTP server. Its default traits only add configuration loading, which voxsite does not use.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // Page templates.
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        // Child processes with bounded output and orderly ends: ssh.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // hosts.yaml and backup.yaml.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Signals and orderly shutdown of the watcher and the server.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // FileIO and byte buffers, which the file responder speaks.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.20.0"),
    ],
    targets: [
        .executableTarget(
            name: "voxsite",
            dependencies: [
                "SiteGen", "Collector", "Trainer", "Avatar", "RunRecords", "TensorCore", "Files",
                "Demonstration",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "SiteGen",
            dependencies: [
                "RunRecords", "Files", "CDeflate", "CLinux",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Collector",
            dependencies: [
                "RunRecords", "Files", "CCurl", "CDeflate", "CLinux", "COpenSSL",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        // Talking-head clips: voices, motion, drawing, video, and the API that makes them.
        .target(
            name: "Avatar",
            dependencies: [
                "Audio", "Files", "RunRecords", "CCairo", "CCurl", "CLinux", "CTurboJPEG",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        // espeak-ng in a process of its own: it is under the GPL, and nothing of it is linked into voxsite.
        .executableTarget(name: "voxsite-speech-helper", linkerSettings: [.linkedLibrary("espeak-ng")]),
        // The recogniser: data, tokenizer, model, training, decoding, metrics.
        .target(
            name: "Trainer",
            dependencies: [
                "Audio", "Files", "RunRecords", "TensorCore", "CNVML", "CSentencePiece",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        // Arrays, kernels, derivatives, modules, checkpoint files.
        .target(
            name: "TensorCore",
            dependencies: ["Files", "CDeflate", "COpenSSL", "CTensorKernels"],
            swiftSettings: strict + [.strictMemorySafety()]
        ),
        // Loops that the compiler builds for several instruction sets, which Swift cannot, and OpenBLAS, loaded when it is
        // needed. They are optimised in debug builds, too: the tests would take minutes otherwise.
        .target(name: "CTensorKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
        // Decoding, resampling, spectra.
        .target(
            name: "Audio",
            dependencies: ["Files", "CKissFFT", "CSndFile", "CSoxr"],
            swiftSettings: strict + [.strictMemorySafety()]
        ),
        // The spoken corpus and the small stages of `voxsite demo`.
        .target(
            name: "Demonstration",
            dependencies: ["Audio", "Files", .product(name: "Subprocess", package: "swift-subprocess")],
            swiftSettings: strict
        ),
        // Reads a log and prints the rate: the reader's side of Benchmarks/parsers.
        .executableTarget(
            name: "ReaderBenchmark",
            dependencies: ["RunRecords"],
            path: "Benchmarks/ReaderBenchmark",
            swiftSettings: strict
        ),
        // Times kernels at real sizes, for Benchmarks/kernels.py.
        .executableTarget(
            name: "KernelBenchmark",
            dependencies: ["TensorCore"],
            path: "Benchmarks/KernelBenchmark",
            swiftSettings: strict
        ),
        // Measures how fast training data is read, planned, decoded and kept.
        .executableTarget(
            name: "DataBenchmark",
            dependencies: ["Trainer", "TensorCore", "Audio", "Files"],
            path: "Benchmarks/DataBenchmark",
            swiftSettings: strict
        ),
        // Makes a clip of each avatar and prints what it took, for Benchmarks/clips.py.
        .executableTarget(
            name: "ClipBenchmark",
            dependencies: ["Avatar", "Audio"],
            path: "Benchmarks/ClipBenchmark",
            swiftSettings: strict
        ),
        // Times a training step at real size, for Benchmarks/training.
        .executableTarget(
            name: "StepBenchmark",
            dependencies: ["TensorCore", "Trainer"],
            path: "Benchmarks/StepBenchmark",
            swiftSettings: strict
        ),
        .target(name: "RunRecords", dependencies: ["Files"], swiftSettings: strict),
        // Every use of raw memory is marked `unsafe`: the marks are the list to review.
        .target(
            name: "Files",
            dependencies: ["CLinux", "CXXHash"],
            swiftSettings: strict + [.strictMemorySafety()]
        ),
        // Drawing, and pictures in PNG; photographs.
        .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
        .systemLibrary(
            name: "CTurboJPEG",
            pkgConfig: "libturbojpeg",
            providers: [.apt(["libturbojpeg0-dev"])]
        ),
        // SFTP and HTTP. The shim types what is variadic in C.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // SHA-256 at the processor's own speed, from the library that libcurl links anyway.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        // The load of NVIDIA's cards, where their driver is.
        .target(name: "CNVML"),
        // SentencePiece is C++: a C interface that no exception leaves.
        .target(
            name: "CSentencePiece",
            linkerSettings: [.linkedLibrary("sentencepiece"), .linkedLibrary("sentencepiece_train")]
        ),
        // Fourier transforms of any even length, under a permissive licence. No pkgConfig: SwiftPM refuses its -D flags.
        .systemLibrary(name: "CKissFFT", providers: [.apt(["libkissfft-dev"])]),
        .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),
        // Whole-buffer gzip, two to three times as fast as zlib at the same ratio.
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        // The few Linux calls that glibc hides from Swift: exchanging two folders, copying inside the kernel,
        // opening below a folder.
        .systemLibrary(name: "CLinux"),
        // XXH3: content identities for entity tags and for recognising a replaced log.
        .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
        .target(
            name: "TestSupport",
            dependencies: ["CLinux"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        // A language of tones that a small model learns in seconds.
        .target(
            name: "SpeechSupport",
            dependencies: ["Audio", "TestSupport"],
            path: "Tests/SpeechSupport",
            swiftSettings: strict
        ),
        .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "AvatarTests",
            dependencies: ["Avatar", "Audio", "Files", "RunRecords", "TestSupport", "voxsite-speech-helper"],
            exclude: ["Fixtures", "Rig/__Snapshots__"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AudioTests",
            dependencies: ["Audio", "CSndFile", "Files", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TensorCoreTests",
            dependencies: ["TensorCore", "Files", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TrainerTests",
            dependencies: [
                "Trainer", "Audio", "Files", "RunRecords", "SpeechSupport", "TensorCore", "TestSupport",
            ],
            exclude: ["Fixtures", "Configuration/__Snapshots__", "Data/__Snapshots__"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RunRecordsTests",
            dependencies: ["RunRecords", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CollectorTests",
            dependencies: [
                "Collector", "Files", "RunRecords", "TestSupport", "CCurl", "CLinux",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DemonstrationTests",
            dependencies: ["Demonstration", "Audio", "Files", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Files", "RunRecords", "SpeechSupport", "TestSupport", "voxsite", "voxsite-speech-helper",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BrowserTests",
            dependencies: ["RunRecords", "TestSupport", "voxsite"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SiteGenTests",
            dependencies: [
                "SiteGen", "CDeflate", "Files", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["API/__Snapshots__", "Charts/__Snapshots__", "Pages/__Snapshots__"],
            swiftSettings: strict
        ),
    ]
)
