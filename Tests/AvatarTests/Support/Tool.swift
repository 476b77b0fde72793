import Foundation

/// Programs that tests ask about their results.
enum Tool {
    /// Runs a program of the search path to its end.
    ///
    /// - Returns: its status and its standard output.
    static func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// What ffprobe says of a file's streams: lines of `key=value` as a dictionary for each stream.
    static func streams(of path: String) throws -> [[String: String]] {
        let entries = "stream=codec_name,pix_fmt,width,height,duration,nb_frames,r_frame_rate,color_space"
        let probe = try run(
            "ffprobe",
            ["-loglevel", "error", "-show_entries", entries, "-of", "default", path]
        )
        return probe.output.split(separator: "[STREAM]").map { block in
            var fields: [String: String] = [:]
            for line in block.split(separator: "\n") {
                let pair = line.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { fields[String(pair[0])] = String(pair[1]) }
            }
            return fields
        }
    }
}
