import ModelCore

extension TraceProblem {
  /// The sentence for the person who has to mend the file, without its place.
  public var message: String { fileMessage ?? rowMessage }

  private var fileMessage: String? {
    switch self {
    case .noSuchFile: "no such file"
    case .isDirectory: "is a directory; a CSV file is expected"
    case .permissionDenied: "permission denied"
    case .cannotOpen(let reason): "cannot be opened: \(reason)"
    case .cannotRead(let reason): "cannot be read: \(reason)"
    case .damagedPacking(let format, let reason): "the \(format) data is damaged: \(reason)"
    case .otherCompression(let name):
      "is a \(name) file; plain text, gzip and zstd are read, so unpack it first"
    case .utf16: "is UTF-16 text (it starts with its byte order mark); save it as UTF-8"
    case .empty: "is empty; a header line is expected"
    case .noRows: "has a header but no rows"
    case .blankHeader: "the first line is blank; a header line is expected"
    case .emptyName: "the name of this column is empty; every column needs a name"
    case .repeatedName(let name, let first):
      "the name \"\(name)\" appears twice (first as column \(first)); names must be unique"
    case .numbersForHeader: "the first line holds only numbers; a header line is expected"
    case .otherDelimiter(let header, let delimiter):
      "the header is one name, \"\(header)\"; the file looks \(delimiter)-separated, commas are"
        + " expected"
    case .missingColumn(let name, let nearest): "no column \(name)" + suggestion(nearest)
    case .nothingUnderstood(let kind, let why, let reason):
      "nothing here could be read as \(kind.rawValue): \(reason) (\(why)); "
        + "'cutover trace convert FILE --from KIND' reads it as another kind"
    case .noMigrations(let kind, let why, let reasons):
      "no migration in this log, read as \(kind.rawValue) (\(why)); \(reasons)"
    case .unrecognised:
      "is no kind of log that is known by its beginning; say which it is with --from KIND ("
        + LogKind.allCases.map(\.rawValue).joined(separator: ", ") + ")"
    case .emptyLog: "is empty"
    case .mappingFailed(let column, let reason): "--map \(column): \(reason)"
    case .documentTooLarge(let limit):
      "is longer than \(shownSize(limit)), more than is read as one document"
    case .needsMapping(let header):
      "is CSV without columns of the trace table (\(header)); say with --map which column is what, "
        + "such as --map 'total_time_s=duration_ms/1000'"
    case .internalFault(let what): "internal fault: \(what)"
    default: nil
    }
  }

  private var rowMessage: String {
    switch self {
    case .tooLong(let line, let limit):
      "line \(line) is longer than \(shownSize(limit)); is this a CSV file, or is a quote left open?"
    case .controlByte(let byte):
      "byte \(shownByte(byte)) is a control character; this is not text"
    case .invalidUTF8(let byte):
      "byte \(shownByte(byte)) is not valid UTF-8; save the file as UTF-8"
    case .unterminatedQuote: "the quote that opens here is never closed"
    case .textAfterQuote(let text):
      "text after a closing quote, at \(text); a quote inside a quoted cell is written twice"
    case .quoteInsideCell(let text):
      "a quote inside an unquoted cell, at \(text); quote the whole cell and write the quote twice"
    case .ragged(let found, let expected):
      "\(counted(found, "field")), \(expected) expected as in the header"
    case .blankLine(let expected):
      "a blank line between rows; \(counted(expected, "field")) expected"
    case .notANumber(let value, let hint):
      "\"\(value)\" is not a number" + (hint.isEmpty ? "" : "; \(hint)")
    case .outsideRange(let value): "\(value) is beyond the range of a double (1.8e308)"
    case .outsideDomain(let value, let domain):
      "\(value) is outside its domain (\(domain.description))"
    case .unknownWord(let value, let words): unknownWord(value, words)
    case .notAFlag(let value): "\"\(value)\" is not true or false"
    default: id
    }
  }

  private func unknownWord(_ value: String, _ words: [String]) -> String {
    let near = nearestWords(to: value, among: words)
    return "\"\(value)\" is not a word of this column"
      + (near.isEmpty ? "; expected one of \(words.joined(separator: ", "))" : suggestion(near))
  }
}

/// At most this many characters of a value are shown in a message.
private let shownCharacters = 60

/// A value as a message shows it: control characters escaped, cut to 60 characters.
func shownValue(_ bytes: some Collection<UInt8>) -> String {
  // Four bytes per scalar at most: more than this cannot show.
  let text = String(decoding: bytes.prefix((shownCharacters + 1) * 4), as: UTF8.self)
  var shown = ""
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < shownCharacters else { return shown + "..." }
    switch scalar {
    case "\n": shown += "\\n"
    case "\r": shown += "\\r"
    case "\t": shown += "\\t"
    case _ where scalar.properties.generalCategory == .control:
      shown += "\\u{\(String(scalar.value, radix: 16))}"
    default: shown.unicodeScalars.append(scalar)
    }
    count += 1
  }
  return shown
}

private func shownByte(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return "0x" + (digits.count == 1 ? "0" : "") + digits
}

private func shownSize(_ bytes: Int) -> String {
  let mebibyte = 1 << 20
  return bytes >= mebibyte && bytes % mebibyte == 0
    ? "\(bytes / mebibyte) MiB" : counted(bytes, "byte")
}

func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
