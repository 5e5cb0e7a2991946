import Dispatch
import Synchronization

/// Runs a body for 0..<count on all cores; the answers stand in order.
func inParallel<Answer: Sendable>(
  _ count: Int, _ body: @Sendable (Int) -> Answer
) -> [Answer] {
  if count <= 1 { return (0..<count).map(body) }
  let answers = Mutex([Answer?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let answer = body(index)
    answers.withLock { $0[index] = answer }
  }
  return answers.withLock { $0.compactMap { $0 } }
}
