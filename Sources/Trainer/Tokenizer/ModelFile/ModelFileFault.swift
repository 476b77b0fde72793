/// Why bytes are not a whole model file.
struct ModelFileFault: Error, Equatable {
    let reason: String
}
