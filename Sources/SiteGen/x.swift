import CDeflate
import HTTPTypes
import Hummingbird
import Logging
import Mustache
import NIOCore
import RunRecords
import ServiceLifecycle
