import CSndFile
import Synchronization

/// The single owner of one open libsndfile handle and of the bytes behind it.
///
/// libsndfile's handles know nothing of each other and are bound to no thread.
@safe struct SoundHandle: ~Copyable {
    /// Valid as long as this value lives.
    let pointer: OpaquePointer
    /// Where the bytes come from or go to.
    let file: VirtualFile
    /// What libsndfile found, or was told to write.
    let information: SF_INFO

    /// libsndfile leaves the outcome of opening, code and text, in variables of the whole process: one opens at
    /// a time, so that each failure gets its own reason.
    private static let opening = Mutex<Void>(())

    /// Opens bytes to be read.
    ///
    /// - Parameters:
    ///   - file: the bytes; nobody else may use it from now on.
    ///   - source: their name, for messages.
    /// - Throws: ``AudioError``: a header that cannot be read.
    init(reading file: VirtualFile, source: String) throws(AudioError) {
        try self.init(file, mode: Int32(SFM_READ), SF_INFO()) { code, reason in
            code == Int32(SF_ERR_UNSUPPORTED_ENCODING)
                ? .unsupported(source: source, reason: reason)
                : .damaged(source: source, frame: nil, reason: reason)
        }
    }

    /// Opens memory to be written.
    ///
    /// - Parameters:
    ///   - file: gets the bytes; complete when this value is gone.
    ///   - information: the format, rate and channels.
    ///   - target: a name for messages.
    /// - Throws: ``AudioError/encoding(target:reason:)``: such a file cannot be.
    init(writing file: VirtualFile, _ information: SF_INFO, target: String) throws(AudioError) {
        try self.init(file, mode: Int32(SFM_WRITE), information) { _, reason in
            .encoding(target: target, reason: reason)
        }
    }

    private init(
        _ file: VirtualFile,
        mode: Int32,
        _ wanted: SF_INFO,
        error: (Int32, String) -> AudioError
    ) throws(AudioError) {
        var information = wanted
        var reason: (code: Int32, text: String) = (0, "")
        var opened: OpaquePointer?
        Self.opening.withLock { _ in
            var calls = VirtualFile.calls()
            unsafe opened = sf_open_virtual(&calls, mode, &information, file.context)
            if unsafe opened == nil { reason = (sf_error(nil), unsafe Self.text(sf_strerror(nil))) }
        }
        if let failure = file.failure { throw .file(failure) }
        guard let opened = unsafe opened else { throw error(reason.code, reason.text) }
        unsafe pointer = opened
        self.file = file
        self.information = information
    }

    deinit { _ = unsafe sf_close(pointer) }

    /// What went wrong in the last call, in libsndfile's words; nil for nothing.
    borrowing func lastError() -> String? {
        guard unsafe sf_error(pointer) != 0 else { return nil }
        return unsafe Self.text(sf_strerror(pointer))
    }

    /// libsndfile's sentence as the middle of one of ours.
    private static func text(_ words: UnsafePointer<CChar>?) -> String {
        guard let words = unsafe words else { return "unknown reason" }
        var text = unsafe String(cString: words)
        for beginning in ["Error : ", "Error in "] where text.hasPrefix(beginning) {
            text.removeFirst(beginning.count)
        }
        while let last = text.last, ". \n".contains(last) { text.removeLast() }
        // libFLAC knows no better word for a stream that does not go on as it must.
        if text.lowercased().hasPrefix("unknown error in flac decoder") {
            return "the FLAC stream is cut off or damaged"
        }
        return text
    }
}
