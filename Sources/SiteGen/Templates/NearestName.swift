/// The known name most like a mistyped one, for error messages.
enum NearestName {
    /// The candidate with the fewest edits to `name`, if they are few enough for a typing mistake.
    ///
    /// Ties go to the candidate that sorts first.
    static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(2, name.utf8.count / 3)
        let ranked = candidates.map { (edits: edits(name, $0), name: $0) }
        return ranked.filter { $0.edits <= limit }.min { ($0.edits, $0.name) < ($1.edits, $1.name) }?.name
    }

    /// The number of bytes to insert, delete or replace to turn one text into the other, in any case.
    ///
    /// Source: Wagner and Fischer, The String-to-String Correction Problem, J. ACM 21 (1974).
    static func edits(_ a: String, _ b: String) -> Int {
        let a = Array(a.lowercased().utf8)
        let b = Array(b.lowercased().utf8)
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
