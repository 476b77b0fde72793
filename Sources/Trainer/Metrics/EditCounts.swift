/// How a hypothesis differs from what was said: the fewest edits that lead from the reference to it, by their kind.
///
/// Source: Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966; the kinds as
/// NIST's `sclite` counts them.
public struct EditCounts: Sendable, Hashable {
    /// Elements of the reference that were recognised.
    public var hits: Int
    /// Elements of the reference that became others.
    public var substitutions: Int
    /// Elements of the reference that are missing.
    public var deletions: Int
    /// Elements that the reference does not have.
    public var insertions: Int

    /// - Parameters:
    ///   - hits: elements of the reference that were recognised.
    ///   - substitutions: elements of the reference that became others.
    ///   - deletions: elements of the reference that are missing.
    ///   - insertions: elements that the reference does not have.
    public init(hits: Int = 0, substitutions: Int = 0, deletions: Int = 0, insertions: Int = 0) {
        self.hits = hits
        self.substitutions = substitutions
        self.deletions = deletions
        self.insertions = insertions
    }

    /// Aligns two sequences with the fewest edits.
    ///
    /// Several alignments may need equally few; counted is the one that, seen from the end, substitutes rather than
    /// deletes, and deletes rather than inserts: the split follows from the sequences alone. Time grows with the product
    /// of both lengths, memory with the hypothesis.
    ///
    /// Source: Wagner and Fischer, "The String-to-String Correction Problem", 1974.
    ///
    /// - Parameters:
    ///   - reference: what was said.
    ///   - hypothesis: what was recognised.
    public init<Element: Equatable>(reference: [Element], hypothesis: [Element]) {
        // The counts travel along with the cells, so that no table of moves is kept for the way back.
        var row = (0...hypothesis.count).map { EditCounts(insertions: $0) }
        for element in reference {
            var diagonal = row[0]
            row[0].deletions += 1
            for (index, candidate) in hypothesis.enumerated() {
                let above = row[index + 1]
                if element == candidate {
                    row[index + 1] = diagonal
                    row[index + 1].hits += 1
                } else {
                    row[index + 1] = Self.cheapest(diagonal: diagonal, above: above, left: row[index])
                }
                diagonal = above
            }
        }
        self = row[hypothesis.count]
    }

    private static func cheapest(diagonal: EditCounts, above: EditCounts, left: EditCounts) -> EditCounts {
        let fewest = min(diagonal.errorCount, above.errorCount, left.errorCount)
        var best: EditCounts
        if diagonal.errorCount == fewest {
            best = diagonal
            best.substitutions += 1
        } else if above.errorCount == fewest {
            best = above
            best.deletions += 1
        } else {
            best = left
            best.insertions += 1
        }
        return best
    }

    /// How many edits there are.
    public var errorCount: Int { substitutions + deletions + insertions }

    /// How many elements the reference has.
    public var referenceCount: Int { hits + substitutions + deletions }

    /// How many elements the hypothesis has.
    public var hypothesisCount: Int { hits + substitutions + insertions }

    /// Edits for each element of the reference: 0 where all is right, above 1 where more was inserted than said.
    ///
    /// Nil where the reference is empty: no rate tells how wrong an answer to silence is; the insertions do, and in a sum
    /// over a corpus they count.
    public var rate: Double? {
        referenceCount > 0 ? Double(errorCount) / Double(referenceCount) : nil
    }

    /// The counts of two utterances together: the rate of a corpus is that of the sum, and no mean of rates.
    ///
    /// - Parameters:
    ///   - left: of one.
    ///   - right: of the other.
    /// - Returns: the sums.
    public static func + (left: EditCounts, right: EditCounts) -> EditCounts {
        EditCounts(
            hits: left.hits + right.hits,
            substitutions: left.substitutions + right.substitutions,
            deletions: left.deletions + right.deletions,
            insertions: left.insertions + right.insertions
        )
    }

    /// Adds the counts of another utterance.
    ///
    /// - Parameters:
    ///   - total: what is added to.
    ///   - other: what is added.
    public static func += (total: inout EditCounts, other: EditCounts) { total = total + other }
}
