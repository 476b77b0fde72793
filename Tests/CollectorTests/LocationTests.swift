import Testing

@testable import Collector

@Suite struct LocationTests {
    @Test(
        "Paths, hosts and URLs are told apart as rsync does",
        arguments: [
            ("runs", Location(path: "runs")),
            ("runs/", Location(path: "runs", hasTrailingSlash: true)),
            ("/", Location(path: "/", hasTrailingSlash: true)),
            (".", Location(path: ".", hasTrailingSlash: true)),
            ("a/b:c", Location(path: "a/b:c")),
            ("./a:b", Location(path: "./a:b")),
            (
                "gpu:/root/runs/",
                Location(scheme: .host(.init(name: "gpu")), path: "/root/runs", hasTrailingSlash: true)
            ),
            ("gpu:", Location(scheme: .host(.init(name: "gpu")), path: ".", hasTrailingSlash: true)),
            ("root@10.0.0.7:x", Location(scheme: .host(.init(user: "root", name: "10.0.0.7")), path: "x")),
            ("[fe80::1]:/x", Location(scheme: .host(.init(name: "fe80::1")), path: "/x")),
            ("u@[::1]:/x", Location(scheme: .host(.init(user: "u", name: "::1")), path: "/x")),
            (
                "sftp://root@h:20544/a/b/",
                Location(
                    scheme: .sftp(.init(user: "root", name: "h", port: 20544)),
                    path: "/a/b",
                    hasTrailingSlash: true
                )
            ),
            (
                "https://example.org:8443/x.jsonl",
                Location(scheme: .http(origin: "https://example.org:8443"), path: "/x.jsonl")
            ),
        ]
    )
    func parsing(text: String, expected: Location) throws {
        #expect(try Location(parsing: text) == expected)
    }

    @Test(
        "What is dangerous or unsupported is refused by name",
        arguments: [
            ("", "empty"), ("host::module", "daemon"), ("rsync://h/m", "daemon"),
            ("ftp://h/x", "unknown kind"),
            ("-oProxyCommand=x:/y", "beginning with a dash"), ("a b:/x", "not a usable"),
            ("sftp://u:secret@h/x", "password_file"), ("u:secret@h:/x", "password_file"),
            ("u:secret@h::m", "daemon"), ("sftp://u:se/secret@h/x", "port"),
            ("rsync://u:secret@h/x", "password_file"), ("sftp://h:0/x", "port"), ("sftp://h:99999/x", "port"),
            ("x\ny", "control character"), ("https://u@h/", "user name"), ("sftp://[::1/x", "bracket"),
        ]
    )
    func refusals(text: String, words: String) {
        #expect {
            try Location(parsing: text)
        } throws: { error in
            let message = "\(error)"
            return message.contains(words) && !message.contains("secret")
        }
    }

    @Test(
        "A password that was typed into a host's address is not repeated",
        arguments: [
            "root:secret@203.0.113.7", "root:secret@203.0.113.7:99999", "a@b:secret@h", "root:secret@[::1",
        ]
    )
    func passwords(text: String) {
        #expect {
            try Location.HostReference(text, allowsPort: true)
        } throws: { error in
            !"\(error)".contains("secret")
        }
    }

    @Test(
        "A location reads back as it is written",
        arguments: ["gpu:/x/", "u@[::1]:y", "sftp://a@b:22/c", "a/b"]
    )
    func roundTrip(text: String) throws {
        #expect(try Location(parsing: text).description == text)
    }
}
