import Files
import Glibc
import Testing

@Suite struct FilesErrorTests {
    @Test(arguments: [
        (
            FilesError.system(operation: "write", path: "/srv/site/a", code: ENOSPC),
            "/srv/site/a: cannot write: No space left on device; free some space on that disk"
        ),
        (
            FilesError.system(operation: "watch", path: "/data/runs", code: ENOSPC),
            "/data/runs: cannot watch: No space left on device; all inotify watches of this user are in use; "
                + "raise the limit: sysctl fs.inotify.max_user_watches=1048576"
        ),
        (
            FilesError.unsafePath("../\n", reason: "it contains a NUL or a line break"),
            "../\\u{a}: not a usable path: it contains a NUL or a line break"
        ),
        (
            FilesError.system(operation: "open", path: "x", code: 9_999),
            "x: cannot open: error 9999"
        ),
    ])
    func `says what, where, why and what to do`(error: FilesError, text: String) {
        #expect(error.description == text)
    }
}
