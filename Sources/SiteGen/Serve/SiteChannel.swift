import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 as Hummingbird does it, with each connection's task on its own event loop and a short cut for what
/// is in memory.
struct SiteChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let responder: SiteResponder

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).map { value in
            // After Hummingbird's own handler, which must see every request for its timeouts and for shutdown,
            // and before the bridge to Swift's tasks. A connection that is closed already has no handlers left;
            // its bridge must be handed on all the same, for NIO traps where one is dropped unused.
            let pipeline = channel.pipeline.syncOperations
            if let state = try? pipeline.context(handlerType: HTTPConnectionStateHandler.self).handler {
                try? pipeline.addHandler(ImmediateAnswerHandler(responder), position: .after(state))
            }
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}
