import CShims
import Glibc

/// A thread of a service's own, joined when it is no longer needed.
package struct ServiceThread: Sendable {
    private let handle: pthread_t

    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts `run` on a new thread; `nil` when the system gives no more threads.
    ///
    /// - Parameters:
    ///   - name: At most 15 bytes, as shown by `ps -L`.
    ///   - stackSize: In bytes; `nil` is the system's own, 8 MiB of address space, touched as it is used.
    ///   - run: The thread's whole work; the thread ends with it.
    package init?(name: String, stackSize: Int? = nil, run: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        if let stackSize { pthread_attr_setstacksize(&attributes, stackSize) }
        let body = Unmanaged.passRetained(Body(name: name, run: run))
        var handle = pthread_t()
        let code = pthread_create(
            &handle, &attributes,
            { context in
                guard let context else { return nil }
                let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                aurora_name_thread(body.name)
                body.run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            return nil
        }
        self.handle = handle
    }

    /// Whether the calling thread is this one.
    package var isCurrent: Bool { pthread_equal(handle, pthread_self()) != 0 }

    /// Waits for its end; exactly one of this and ``leave()`` is called, once.
    package func join() {
        pthread_join(handle, nil)
    }

    /// Lets it end by itself: nobody will wait for it.
    package func leave() {
        pthread_detach(handle)
    }
}
