import HTTPTypes
import Hummingbird
import NIOCore

/// Short answers of the server's own.
enum TextResponse {
    static func make(
        _ status: HTTPResponse.Status,
        _ text: String,
        fields: HTTPFields = ResponseFields.unstored("text/plain; charset=utf-8"),
        request: HTTPRequest
    ) -> Response {
        StaticFileResponder.response(status, fields, body: ByteBuffer(string: text), request: request)
    }

    static func json(_ status: HTTPResponse.Status, error: String, request: HTTPRequest) -> Response {
        make(
            status,
            "{\"error\":\(JSONText.string(error))}\n",
            fields: ResponseFields.unstored("application/json; charset=utf-8"),
            request: request
        )
    }
}
