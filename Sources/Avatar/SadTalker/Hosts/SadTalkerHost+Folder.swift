extension SadTalkerHost {
    /// Does something in a folder of the host that is removed afterwards, whatever happens.
    ///
    /// - Parameter body: gets the folder's absolute path.
    /// - Returns: what `body` returned.
    /// - Throws: as ``makeFolder()``, what `body` throws.
    func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = try await makeFolder()
        do {
            let result = try await body(folder)
            await remove(folder)
            return result
        } catch {
            await remove(folder)
            throw error
        }
    }

    private func remove(_ folder: String) async {
        // A task of its own is not cancelled with ours, and it is waited for.
        await Task { try? await removeFolder(folder) }.value
    }
}
