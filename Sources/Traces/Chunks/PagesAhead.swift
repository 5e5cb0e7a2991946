import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Memory of large columns, made ready by the threads that parse before the one that appends
/// needs it.
///
/// The first touch of a page is a visit of the kernel, which clears it, and costs more than to
/// fill it. Rows are appended by one thread at a time, which would make all the visits; so each
/// thread asks the kernel for a stretch ahead of the row it parses. Nothing depends on whether
/// the kernel complies.
final class PagesAhead: Sendable {
  private struct State {
    /// Where each column begins.
    var columns: [UInt] = []
    var rows = 0
    /// Rows whose memory was asked for.
    var ready = 0
  }

  private let state = Mutex(State())

  /// Rows whose memory is asked for at a time: two megabytes of each column.
  private static let stretch = 1 << 18

  /// The columns have their memory: so many rows of doubles each.
  func start(columns: [UInt], rows: Int) {
    state.withLock { $0 = State(columns: columns, rows: rows) }
  }

  /// Makes memory ready for a row, and for some behind it.
  func prepare(for row: Int) {
    while let (columns, rows) = nextStretch(before: row) {
      for column in columns { Self.populate(column, rows) }
    }
  }

  private func nextStretch(before row: Int) -> ([UInt], Range<Int>)? {
    state.withLock { state in
      guard state.ready < min(row + Self.stretch / 2, state.rows) else { return nil }
      let first = state.ready
      state.ready = min(first + Self.stretch, state.rows)
      return (state.columns, first..<state.ready)
    }
  }

  private static func populate(_ column: UInt, _ rows: Range<Int>) {
    #if os(Linux)
      let page: UInt = 4096
      let size = UInt(MemoryLayout<Double>.stride)
      let first = (column + UInt(rows.lowerBound) * size) & ~(page - 1)
      let end = (column + UInt(rows.upperBound) * size) & ~(page - 1)
      guard end > first else { return }
      // MADV_POPULATE_WRITE, which changes no content; kernels before 5.14 refuse it.
      _ = madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), 23)
    #endif
  }
}
