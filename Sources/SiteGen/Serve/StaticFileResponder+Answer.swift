import Glibc
import HTTPTypes
import Hummingbird
import NIOCore

extension StaticFileResponder {
    /// What a request gets: its status, and the bytes where there are any.
    struct Plan {
        let status: HTTPResponse.Status
        let part: Range<Int>?
    }

    static func plan(_ request: HTTPRequest, validators: ConditionalRequest.Validators, size: Int) -> Plan {
        let whole = Plan(status: .ok, part: 0..<size)
        let conditions = ConditionalRequest(request.headerFields)
        let hasConditions = conditions != ConditionalRequest()
        let range = request.method == .get ? request.headerFields[.range] : nil
        guard hasConditions || range != nil else { return whole }
        let now = HTTPDate(secondsSince1970: time(nil))
        switch conditions.outcome(for: validators, now: now) {
        case .notModified: return Plan(status: .notModified, part: nil)
        case .preconditionFailed: return Plan(status: .preconditionFailed, part: nil)
        case .proceed: break
        }
        guard let range, conditions.permitsRange(of: validators, now: now) else { return whole }
        return switch ByteRange(header: range, size: size) {
        case .whole: whole
        case .part(let part): Plan(status: .partialContent, part: part)
        case .unsatisfiable: Plan(status: .rangeNotSatisfiable, part: nil)
        }
    }

    /// An answer that is complete: nothing has to be waited for.
    struct Answer {
        var status: HTTPResponse.Status
        var fields: HTTPFields
        var body: ByteBuffer?

        var response: Response {
            Response(
                status: status,
                headers: fields,
                body: body.map(ResponseBody.init(byteBuffer:)) ?? ResponseBody()
            ).removingLength(if: status == .notModified)
        }
    }

    /// Answers with bytes in memory.
    static func answer(
        with bytes: ByteBuffer,
        validators: ConditionalRequest.Validators,
        fields: HTTPFields,
        request: HTTPRequest
    ) -> Answer {
        let plan = plan(request, validators: validators, size: bytes.readableBytes)
        guard let part = plan.part, request.method == .get else {
            return bodiless(plan, size: bytes.readableBytes, fields: fields)
        }
        var answer = Answer(status: plan.status, fields: fields, body: bytes)
        answer.fields[.contentLength] = "\(part.count)"
        if plan.status == .partialContent {
            answer.fields[.contentRange] = contentRange(part, bytes.readableBytes)
            answer.body = bytes.getSlice(at: bytes.readerIndex + part.lowerBound, length: part.count)
        }
        return answer
    }

    /// HEAD, 304, 412 and 416.
    static func bodiless(_ plan: Plan, size: Int, fields: HTTPFields) -> Answer {
        var fields = fields
        switch plan.status {
        case .notModified:
            // §8.6: a 304 states no length, or that of the answer it stands for; §15.4.5: nor a type.
            fields[.contentType] = nil
            fields[.contentLength] = nil
        case .preconditionFailed, .rangeNotSatisfiable:
            fields = ResponseFields.security
            fields[.contentLength] = "0"
            if plan.status == .rangeNotSatisfiable { fields[.contentRange] = "bytes */\(size)" }
        default: fields[.contentLength] = "\(plan.part?.count ?? 0)"
        }
        return Answer(status: plan.status, fields: fields, body: nil)
    }

    static func response(
        _ status: HTTPResponse.Status,
        _ fields: HTTPFields,
        body: ByteBuffer,
        request: HTTPRequest
    ) -> Response {
        guard request.method == .head else {
            return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
        }
        var fields = fields
        fields[.contentLength] = "\(body.readableBytes)"
        return Response(status: status, headers: fields)
    }

    static func contentRange(_ part: Range<Int>, _ size: Int) -> String {
        "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
    }
}

extension Response {
    /// Hummingbird states a length for every answer; one that stands for another must not.
    fileprivate consuming func removingLength(if condition: Bool) -> Response {
        if condition { headers[.contentLength] = nil }
        return self
    }
}
