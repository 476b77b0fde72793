import Files
import Glibc

/// Finds the folders that come with the program: `templates` and `public`.
enum ResourceFolders {
    /// The user's folder, if one was named, and the program's own behind it: a user overrides one file and
    /// keeps the rest.
    ///
    /// Looked for beside the binary, in `../share/voxsite` of an installed one, and in the checkout it was
    /// built in or is run from.
    ///
    /// - Throws: `UsageError` when the user's folder is missing or the program's own cannot be found.
    static func find(_ name: String, override: String?) throws -> [String] {
        var folders: [String] = []
        if let override {
            guard isFolder(override) else {
                throw UsageError(
                    "--\(name): there is no folder \(override); create it or leave the option out"
                )
            }
            folders.append(override)
        }
        if let own = candidates(name).first(where: isFolder) {
            folders.append(own)
        } else if folders.isEmpty {
            throw UsageError(
                "the folder '\(name)' that comes with voxsite is not beside the program; "
                    + "reinstall it with `make install`, or name the folder with --\(name)"
            )
        }
        return folders
    }

    private static func candidates(_ name: String) -> [String] {
        var found: [String] = []
        if let binary = resolved("/proc/self/exe") {
            var folder = FileSystem.folder(of: binary)
            found.append(folder + "/" + name)
            found.append(FileSystem.folder(of: folder) + "/share/voxsite/" + name)
            // .build/<triple>/<configuration>/voxsite in a checkout.
            while folder != "/", !folder.isEmpty {
                if FileIdentity.find(folder + "/Package.swift") != nil { found.append(folder + "/" + name) }
                let parent = FileSystem.folder(of: folder)
                guard parent != folder else { break }
                folder = parent
            }
        }
        return found
    }

    private static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    private static func isFolder(_ path: String) -> Bool { FileIdentity.find(path)?.kind == .directory }
}

/// A sentence for a user whose command cannot be carried out as given.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
