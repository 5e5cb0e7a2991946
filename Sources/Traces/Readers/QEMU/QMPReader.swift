import CSimdjson

/// QEMU monitor replies in JSON: one object, one object a line with or without an envelope, objects
/// on several lines, or a list of them.
struct QMPReader: LogReader {
  static let kind = LogKind.qmp

  static func evidence(in head: LogHead) -> LogEvidence? {
    guard let (number, first) = head.first(where: { !$0.trimmedSpaces.isEmpty }),
      let opening = first.trimmedSpaces.first, opening == "{" || opening == "["
    else { return nil }
    let signs = [
      ("\"dirty-sync-count\"", "query-migrate"), ("\"expected-downtime\"", "query-migrate"),
      ("\"normal-bytes\"", "query-migrate"), ("\"postcopy-blocktime\"", "query-migrate"),
      ("\"calc-time\"", "query-dirty-rate"), ("\"limit-rate\"", "query-vcpu-dirty-limit"),
      ("\"max-bandwidth\"", "query-migrate-parameters"),
      ("\"capability\"", "query-migrate-capabilities"),
      ("\"query_migrate\"", "query-migrate"), ("\"query-migrate\"", "query-migrate"),
      ("\"error-desc\"", "query-migrate"),
    ]
    for (sign, command) in signs {
      if let (line, _) = head.first(where: { $0.after(sign) != nil }) {
        return LogEvidence(line: line, why: "has \(sign) of \(command)")
      }
    }
    if let word = first.after("\"status\"")?.between("\"", "\""),
      qmpStatuses.contains(String(word))
    {
      return LogEvidence(line: number, why: "has a status of query-migrate, \"\(word)\"")
    }
    // A single `{}`, or `{"return": {}}`: there was no migration yet.
    let bare = first.filter { !$0.isWhitespace }
    if bare == "{}" || bare == "{\"return\":{}}" {
      return LogEvidence(line: number, why: "is an empty reply")
    }
    return nil
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var log = try QMPLog(id: input.id, wantsOtherFields: output.wantsSamples)
    if try standsOnSeveralLines(input.head) {
      try readDocuments(input, &log, into: &output)
    } else {
      try readLines(input, &log, into: &output)
    }
    log.finish(into: &output)
  }

  // MARK: One document a line

  /// What one core reads at a time.
  private static let pieceSize = 256 << 10
  /// So many pieces are read at once: enough for many cores; memory stays at a few MiB.
  private static let pieceCount = 8

  private static func readLines(
    _ input: LogInput, _ log: inout QMPLog, into output: inout LogOutput
  ) throws(TraceError) {
    var bytes: [UInt8] = []
    var line = 1
    var isAtEnd = false
    let padding = cutover_json_padding()
    while !isAtEnd {
      while bytes.count < pieceSize * pieceCount {
        guard try input.read(upTo: pieceSize, into: &bytes) else {
          isAtEnd = true
          break
        }
      }
      // Whole lines now, the rest of the last with the next bytes.
      var end = bytes.count
      if !isAtEnd {
        guard let last = bytes.lastIndex(of: lineFeed) else {
          guard bytes.count <= LogInput.longestLine else {
            throw TraceError(
              file: input.name, line: line, .tooLong(line: line, limit: LogInput.longestLine))
          }
          var seen = bytes.count
          while bytes.count <= LogInput.longestLine {
            guard try input.read(upTo: pieceSize, into: &bytes) else { break }
            if bytes[seen...].contains(lineFeed) { break }
            seen = bytes.count
          }
          continue
        }
        end = last + 1
      }
      let endsInLine = isAtEnd && end > 0 && bytes[end - 1] != lineFeed
      let rest = Array(bytes[end...])
      bytes.removeSubrange(end...)
      bytes.append(contentsOf: repeatElement(0, count: padding))
      let pieces = Self.pieces(bytes, end)
      let whole = bytes
      let records = inParallel(pieces.count) { index -> [cutover_qmp_record] in
        guard let parser = try? JSONParser() else { return [] }
        var records: [cutover_qmp_record] = []
        records.reserveCapacity(pieces[index].count / typicalLine)
        readRecords(whole, pieces[index], parser, into: &records)
        return records
      }
      for (position, piece) in records.enumerated() {
        for (index, record) in piece.enumerated() {
          let isLast =
            endsInLine && position == records.count - 1 && index == piece.count - 1
          log.take(record, bytes, line: line, isCut: isLast, into: &output)
          line += 1
        }
      }
      bytes = rest
    }
  }

  /// Bytes of a poll; only so much room is made at first.
  private static let typicalLine = 500

  /// `bytes[..<end]` in pieces of whole lines.
  private static func pieces(_ bytes: [UInt8], _ end: Int) -> [Range<Int>] {
    var answer: [Range<Int>] = []
    var start = 0
    while start < end {
      var stop = min(start + pieceSize, end)
      if stop < end {
        stop = bytes[stop..<end].firstIndex(of: lineFeed).map { $0 + 1 } ?? end
      }
      answer.append(start..<stop)
      start = stop
    }
    return answer
  }

  // MARK: Documents on several lines

  /// Whether the first line opens a document that it does not close.
  private static func standsOnSeveralLines(_ head: LogHead) throws(TraceError) -> Bool {
    guard let (number, first) = head.first(where: { !$0.trimmedSpaces.isEmpty }) else {
      return false
    }
    if first.trimmedSpaces.first == "[" { return true }
    // The only line may be cut by the end of the file; then it is one line that is damaged.
    if head.isWhole, number == head.lines.count { return false }
    var splitter = DocumentSplitter()
    for byte in first.utf8 { _ = splitter.take(byte) }
    return splitter.isInside
  }

  private static func readDocuments(
    _ input: LogInput, _ log: inout QMPLog, into output: inout LogOutput
  ) throws(TraceError) {
    var splitter = DocumentSplitter()
    var document: [UInt8] = []
    var start = 0
    var strayLine = 0
    while let line = try input.nextLine() {
      for byte in line.bytes {
        let wasInside = splitter.isInside
        let isContent = splitter.take(byte)
        if isContent {
          if !wasInside { start = line.number }
          document.append(byte)
          if !splitter.isInside {
            log.take(document: document, line: start, into: &output)
            document.removeAll(keepingCapacity: true)
          }
        } else if byte != 0x20, byte != 0x09, byte != UInt8(ascii: ","),
          byte != UInt8(ascii: "["), byte != UInt8(ascii: "]"), strayLine != line.number
        {
          strayLine = line.number
          output.unreadable("text between the documents", line: line.number)
        }
      }
      if splitter.isInside { document.append(0x20) }
      if document.count > LogInput.longestLine {
        throw TraceError(
          file: input.name, line: start, .tooLong(line: start, limit: LogInput.longestLine))
      }
    }
    if splitter.isInside { output.unreadable(QMPLog.cutOff, line: start) }
  }
}

/// Finds where documents in braces begin and end.
struct DocumentSplitter {
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  var isInside: Bool { depth > 0 }

  /// Takes a byte; whether it belongs to a document.
  mutating func take(_ byte: UInt8) -> Bool {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == quote {
        isInString = false
      }
      return true
    }
    switch byte {
    case UInt8(ascii: "{"):
      depth += 1
      return true
    case UInt8(ascii: "}"):
      guard depth > 0 else { return false }
      depth -= 1
      return true
    case quote where depth > 0:
      isInString = true
      return true
    default: return depth > 0
    }
  }
}
