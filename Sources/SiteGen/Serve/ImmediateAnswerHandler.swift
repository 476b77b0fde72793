import Glibc
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Answers what is in memory without leaving the event loop; passes everything else on.
///
/// A task, a request context and two crossings between NIO and Swift's concurrency cost as much again as the
/// rest of a small request.
final class ImmediateAnswerHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let responder: SiteResponder
    /// Requests passed on and not yet answered: answers must not overtake each other.
    private var passedOn = 0
    /// The answer to the request whose end has not come yet.
    private var pending: StaticFileResponder.Answer?
    private var closesAfterwards = false
    private var date = (second: -1, text: "")

    init(_ responder: SiteResponder) { self.responder = responder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // A client that does not read what it asks for is left to those who wait for it.
            if passedOn == 0, context.channel.isWritable, let answer = responder.immediateAnswer(head) {
                pending = answer
                closesAfterwards = head.headerFields[.connection]?.lowercased() == "close"
                return
            }
            passedOn += 1
        case .body where pending != nil: return
        case .end:
            if let answer = pending {
                pending = nil
                send(answer, context: context)
                return
            }
        case .body: break
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { passedOn -= 1 }
        context.write(data, promise: promise)
    }

    private func send(_ answer: StaticFileResponder.Answer, context: ChannelHandlerContext) {
        let second = time(nil)
        if second != date.second { date = (second, HTTPDate(secondsSince1970: second).fixdate) }
        var head = HTTPResponse(status: answer.status, headerFields: answer.fields)
        head.headerFields[.date] = date.text
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body = answer.body { context.write(wrapOutboundOut(.body(body)), promise: nil) }
        let written = closesAfterwards ? context.eventLoop.makePromise(of: Void.self) : nil
        if let written {
            let channel = context.channel
            written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }
}
