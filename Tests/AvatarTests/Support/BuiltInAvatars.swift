import Avatar
import Foundation

/// The avatars that come with the program.
enum BuiltInAvatars {
    static let ids = ["default", "happy", "people_0", "art_0", "art_5", "art_18"]

    static var folder: String {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.appending(path: "avatars").path
    }

    static func path(of id: String) -> String { "\(folder)/\(id).avatar.json" }

    static func avatar(_ id: String) throws -> AvatarDescription {
        try AvatarDescription(contentsOf: path(of: id))
    }
}
