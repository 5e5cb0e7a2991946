import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Work on several threads whose answers are handed over one by one, in the order of the items.
///
/// Nothing depends on how many threads there are or on who is faster: answers wait until it is
/// their turn, and the error of the first item in order is the one that is thrown. Not more than
/// a few answers per thread wait, so memory does not grow with the number of items.
package enum InOrder {
  /// One thread per core, unless told otherwise.
  package static func threadCount(_ wanted: Int?) -> Int {
    max(wanted ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)
  }

  /// - Parameters:
  ///   - makeWorker: for each thread what it works with.
  ///   - take: the next item's number, counted from 0 without gaps, or `nil` at the end. Called by
  ///     several threads at once.
  ///   - work: makes the answer of the item that was taken.
  ///   - deliver: takes the answers in order, one at a time, on whichever thread has the next one.
  /// - Throws: the first error in the order of the items.
  package static func run<Worker, Answer: Sendable>(
    threads: Int, makeWorker: @Sendable () -> Worker,
    take: @Sendable (Worker) throws -> Int?, work: @Sendable (Worker) throws -> Answer,
    deliver: (Answer) throws -> Void
  ) throws {
    try withoutActuallyEscaping(deliver) { deliver in
      let delivery = Delivery(threads: threads, deliver)
      DispatchQueue.concurrentPerform(iterations: threads) { _ in
        let worker = makeWorker()
        while true {
          delivery.permits.wait()
          guard !delivery.hasFailed else { break }
          do {
            guard let index = try take(worker) else { break }
            let answer = Result { try work(worker) }
            delivery.hand(answer, index)
          } catch {
            // What could be taken is delivered first: the error stands behind it.
            delivery.end(with: error)
            break
          }
        }
        delivery.permits.signal()
      }
      try delivery.verdict()
    }
  }

  /// Answers that wait for their turn.
  private final class Delivery<Answer: Sendable>: Sendable {
    private struct State {
      var next = 0
      var waiting: [Int: Result<Answer, any Error>] = [:]
      var isDelivering = false
      var failure: (any Error)?
      /// An error of the source, which stands behind all items.
      var endFailure: (any Error)?
    }

    /// One for every item that may be under way.
    let permits: DispatchSemaphore
    private let threads: Int
    private let state = Mutex(State())
    private let deliver: Exclusive<(Answer) throws -> Void>

    /// Not Sendable, and called by one thread at a time: `isDelivering` sees to that.
    private struct Exclusive<Body>: @unchecked Sendable {
      let body: Body
    }

    init(threads: Int, _ deliver: @escaping (Answer) throws -> Void) {
      self.threads = threads
      // Counted up from 0: one that is let go below the value it was made with ends the program.
      permits = DispatchSemaphore(value: 0)
      for _ in 0..<(3 * threads) { permits.signal() }
      self.deliver = Exclusive(body: deliver)
    }

    var hasFailed: Bool { state.withLock { $0.failure != nil } }

    func end(with error: any Error) {
      state.withLock { $0.endFailure = $0.endFailure ?? error }
    }

    func verdict() throws {
      if let failure = state.withLock({ $0.failure ?? $0.endFailure }) { throw failure }
    }

    func hand(_ answer: Result<Answer, any Error>, _ index: Int) {
      let isMine = state.withLock { state in
        state.waiting[index] = answer
        defer { state.isDelivering = true }
        return !state.isDelivering
      }
      guard isMine else { return }
      while let ready = nextReady() {
        do {
          try deliver.body(ready.get())
          state.withLock { $0.next += 1 }
          permits.signal()
        } catch {
          state.withLock { state in
            state.failure = error
            state.waiting = [:]
            state.isDelivering = false
          }
          // Whoever waits for a permit is to see the failure.
          for _ in 0..<threads { permits.signal() }
          return
        }
      }
    }

    /// The answer whose turn it is; without one the delivery is anyone's again.
    private func nextReady() -> Result<Answer, any Error>? {
      state.withLock { state in
        guard state.failure == nil, let answer = state.waiting.removeValue(forKey: state.next)
        else {
          state.isDelivering = false
          return nil
        }
        return answer
      }
    }
  }
}
