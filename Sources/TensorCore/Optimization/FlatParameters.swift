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
}
