import Files
import TensorCore

extension CheckpointFolder {
    /// Moves what another run left out of the way: `best-stage1-20251210.safetensors`, and so on.
    ///
    /// Step files that are damaged become `step_10-unusable.safetensors`. What was set aside of the run itself gets its old
    /// names.
    ///
    /// - Parameter run: the run that writes here from now on.
    /// - Returns: what was moved: `step_10.safetensors is now step_10-stage1-20251210.safetensors`.
    @discardableResult
    func setOthersAside(for run: String) -> [String] {
        var moved: [String] = []
        func move(_ file: String, _ target: String) {
            guard (try? FileSystem.rename(file, to: target)) != nil else { return }
            moved.append("\(FileSystem.name(of: file)) is now \(FileSystem.name(of: target))")
        }
        var others: Set<String> = []
        for (file, name) in files {
            do {
                guard let other = try TrainingCheckpoint(file).state?.run, other != run else { continue }
                others.insert(other)
                move(file, name(CheckpointFolder(path, setAsideOf: other)))
            } catch CheckpointFileError.system {
                // What the disk does not give now, it may give later.
                continue
            } catch  where file != best && file != final {
                move(file, name(CheckpointFolder(path, setAsideOf: Self.unusable)))
            } catch {
                continue
            }
        }
        if let other = others.max() { move(history, CheckpointFolder(path, setAsideOf: other).history) }
        let own = CheckpointFolder(path, setAsideOf: run)
        let back = own.files.map { ($0.file, $0.name(self)) } + [(own.history, history)]
        for (file, target) in back where FileIdentity.find(target) == nil { move(file, target) }
        return moved
    }

    /// The runs of which something to go on from was set aside here, the newest first.
    func runsSetAside() -> [String] {
        let runs = names().compactMap { name -> String? in
            guard name.hasPrefix("step_") || name.hasPrefix("final-"), name.hasSuffix(".safetensors"),
                let dash = name.firstIndex(of: "-")
            else { return nil }
            return String(name[name.index(after: dash)...].dropLast(".safetensors".count))
        }
        return Set(runs).subtracting([Self.unusable]).sorted(by: >)
    }

    /// What damaged files are labelled with.
    static let unusable = "unusable"
}
