import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs `body` for every index, on several threads, and gives the answers in order.
///
/// The answers do not depend on the number of threads as long as `body` depends on its index
/// alone. Of several errors the one of the lowest index is thrown, so
/// that this, too, does not depend on the threads.
/// - Parameters:
///   - count: the number of calls.
///   - threads: at least 1; `nil` for one per processor.
/// - Throws: what `body` throws.
package func parallelMap<Answer: Sendable, Problem: Error>(
  count: Int, threads: Int? = nil,
  _ body: @Sendable (Int) throws(Problem) -> Answer
) throws(Problem) -> [Answer] {
  guard count > 0 else { return [] }
  let workers = min(max(threads ?? processorCount, 1), count)
  // Contiguous chunks, more of them than threads: a slow one does not keep the others waiting.
  let chunks = workers == 1 ? 1 : min(count, workers * 8)
  let done = Mutex<[Int: Result<[Answer], Problem>]>([:])
  let next = Mutex(0)
  @Sendable func work(_ worker: Int) {
    while true {
      let chunk = next.withLock { position in
        defer { position += 1 }
        return position
      }
      guard chunk < chunks else { return }
      let range = (chunk * count / chunks)..<((chunk + 1) * count / chunks)
      var answers: [Answer] = []
      answers.reserveCapacity(range.count)
      var result: Result<[Answer], Problem>?
      for index in range {
        do { answers.append(try body(index)) } catch {
          result = .failure(error)
          break
        }
      }
      let outcome = result ?? .success(answers)
      done.withLock { $0[chunk] = outcome }
    }
  }
  if workers == 1 {
    work(0)
  } else {
    DispatchQueue.concurrentPerform(iterations: workers, execute: work)
  }
  let results = done.withLock { $0 }
  var answer: [Answer] = []
  answer.reserveCapacity(count)
  for chunk in 0..<chunks {
    if let result = results[chunk] { answer += try result.get() }
  }
  return answer
}

/// Processors that are online; 1 when the system does not say.
private var processorCount: Int { max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1) }
