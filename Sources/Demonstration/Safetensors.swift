/// A network as a `.safetensors` file, which Python reads with one call.
///
/// Layout: the header's length as 8 bytes little-endian, a JSON header padded with spaces to a multiple of 8,
/// then the tensors' bytes. Source: huggingface/safetensors, README, "Format".
enum Safetensors {
    static func bytes(of network: TwoLayerNetwork) -> [UInt8] {
        let tensors: [(name: String, shape: [Int])] = [
            ("hidden.weight", [network.hidden, network.inputs]), ("hidden.bias", [network.hidden]),
            ("output.weight", [1, network.hidden]), ("output.bias", [1]),
        ]
        var header = "{\"__metadata__\":{\"format\":\"pt\"}"
        var offset = 0
        for tensor in tensors {
            let end = offset + 8 * tensor.shape.reduce(1, *)
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            header += ",\"\(tensor.name)\":"
            header += "{\"dtype\":\"F64\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
            offset = end
        }
        header += "}"
        header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)

        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.utf8.count + offset)
        append(UInt64(header.utf8.count), to: &bytes)
        bytes.append(contentsOf: header.utf8)
        for parameter in network.parameters { append(parameter.bitPattern, to: &bytes) }
        return bytes
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
