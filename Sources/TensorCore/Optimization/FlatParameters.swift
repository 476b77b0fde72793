/// Parameters one after another in one block of memory, and their derivatives in another.
struct FlatParameters: Sendable {
    let parameters: [Parameter]
    let layouts: [Layout]
    let value: Tensor
    let gradient: Tensor
    let first: Tensor
    let second: Tensor
    let weightDecay: Float

    /// Cache lines: no two parameters share one.
    private static let alignment = 16

    init(_ parameters: [Parameter], weightDecay: Float) throws(TensorError) {
        self.parameters = parameters
        self.weightDecay = weightDecay
        var layouts: [Layout] = []
        var length = 0
        for parameter in parameters {
            layouts.append(Layout(contiguous: parameter.shape, offset: length))
            length += (parameter.shape.elementCount + Self.alignment - 1) / Self.alignment * Self.alignment
        }
        self.layouts = layouts
        let backend = parameters.first?.value.storage.backend ?? CPUBackend.shared
        value = try Tensor.zeros([length], on: backend)
        gradient = try Tensor.zeros([length], on: backend)
        first = try Tensor.zeros([length], on: backend)
        second = try Tensor.zeros([length], on: backend)
        for (parameter, layout) in zip(parameters, layouts) {
            let place = value.with(layout)
            try backend.copy(parameter.value, to: place)
            parameter.value = place
            let slope = gradient.with(layout)
            if let old = parameter.gradient { try backend.copy(old, to: slope) }
            parameter.gradient = slope
        }
    }

    /// Takes back what was put elsewhere since: weights that were loaded, derivatives that were set to nil.
    ///
    /// Without it a step would go on with the old numbers, and nothing would tell.
    func adopt() throws(TensorError) {
        for (parameter, layout) in zip(parameters, layouts) {
            guard parameter.isTrainable else {
                throw .invalidArgument(
                    operation: "AdamW",
                    reason: "\(parameter.name) was frozen since; make a new optimiser of what is trained now"
                )
            }
            let place = value.with(layout)
            let current = parameter.value
            if !current.isSameMemory(as: place) {
                try place.backend.copy(current, to: place)
                parameter.value = place
            }
            let slope = gradient.with(layout)
            guard let found = parameter.gradient, found.isSameMemory(as: slope) else {
                if let found = parameter.gradient {
                    try slope.backend.copy(found, to: slope)
                } else {
                    try slope.backend.fill(slope, 0)
                }
                parameter.gradient = slope
                continue
            }
        }
    }
}

extension Tensor {
    /// Whether both look at the same elements of the same memory.
    fileprivate func isSameMemory(as other: Tensor) -> Bool {
        storage === other.storage && layout == other.layout
    }
}
