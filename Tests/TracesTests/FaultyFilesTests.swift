import ModelCore
import Testing

@testable import Traces

/// Every file of `Tests/Faulty` with the message it must bring.
@Suite struct FaultyFilesTests {
  struct Fault: CustomTestStringConvertible {
    let file: String
    let message: String
    var category = FailureCategory.badData
    var testDescription: String { file }

    init(_ file: String, _ message: String) {
      self.file = file
      self.message = message
    }
  }

  static let faults: [Fault] = [
    .init("empty.csv", ": is empty; a header line is expected"),
    .init("only-blank-lines.csv", ": is empty; a header line is expected"),
    .init("blank-header.csv", ":1: the first line is blank; a header line is expected"),
    .init("header-only.csv", ": has a header but no rows"),
    .init(
      "empty-name.csv", ":1:2: the name of this column is empty; every column needs a name"),
    .init(
      "repeated-name.csv",
      ":1:3: the name \"id\" appears twice (first as column 1); names must be unique"),
    .init(
      "numbers-for-header.csv",
      ":1: the first line holds only numbers; a header line is expected"),
    .init(
      "semicolons.csv",
      ":1:1: the header is one name, \"id;memory_bytes;downtime_s\"; the file looks "
        + "semicolon-separated, commas are expected"),
    .init(
      "tabs.csv",
      ":1:1: the header is one name, \"id\\tmemory_bytes\"; the file looks tab-separated, commas"
        + " are expected"),
    .init("too-few-fields.csv", ":3: 3 fields, 7 expected as in the header"),
    .init("too-many-fields.csv", ":3: 9 fields, 7 expected as in the header"),
    .init(
      "blank-line-between-rows.csv", ":3: a blank line between rows; 7 fields expected"),
    .init("text-in-a-number.csv", ":3:6: downtime_s: \"abc\" is not a number"),
    .init("text-in-a-number.csv.gz", ":3:6: downtime_s: \"abc\" is not a number"),
    .init("text-in-a-number.csv.zst", ":3:6: downtime_s: \"abc\" is not a number"),
    .init(
      "not-a-number-word.csv",
      ":3:6: downtime_s: \"NaN\" is not a number; leave the cell empty when the value is not known"),
    .init(
      "infinity.csv",
      ":2:6: downtime_s: \"-inf\" is not a number; leave the cell empty when the value is not known"
    ),
    .init(
      "hexadecimal.csv",
      ":2:4: memory_bytes: \"0x200000000\" is not a number; write it in decimal"),
    .init(
      "thousands-separators.csv",
      ":2:4: memory_bytes: \"8,589,934,592\" is not a number; write it without thousands "
        + "separators: 8589934592"),
    .init(
      "decimal-comma.csv",
      ":2:6: downtime_s: \"0,25\" is not a number; write it with a decimal point: 0.25"),
    .init(
      "unit-in-a-cell.csv",
      ":2:4: memory_bytes: \"8GiB\" is not a number; write a plain number in the unit that the "
        + "column's name says"),
    .init(
      "number-beyond-a-double.csv",
      ":2:4: memory_bytes: 1e400 is beyond the range of a double (1.8e308)"),
    .init("two-numbers-in-a-cell.csv", ":2:4: memory_bytes: \"1 2\" is not a number"),
    .init("negative-memory.csv", ":4:4: memory_bytes: -1 is outside its domain (> 0)"),
    .init("zero-memory.csv", ":2:4: memory_bytes: 0 is outside its domain (> 0)"),
    .init("no-vcpus.csv", ":2:5: vcpus: 0.5 is outside its domain (>= 1)"),
    .init("fraction-as-percent.csv", ":2:3: zero_fraction: 35 is outside its domain (0 to 1)"),
    .init(
      "misspelt-technique.csv",
      ":2:2: technique: \"precpy\" is not a word of this column; did you mean precopy?"),
    .init(
      "unknown-status.csv",
      ":2:3: status: \"7\" is not a word of this column; expected one of completed, failed, "
        + "cancelled, timeout, unfinished"),
    .init("nul-byte.csv", ":3:2: byte 0x00 is a control character; this is not text"),
    .init("escape-sequence.csv", ":3:1: byte 0x1B is a control character; this is not text"),
    .init("latin-1.csv", ":3:1: byte 0xFC is not valid UTF-8; save the file as UTF-8"),
    .init(
      "latin-1-after-a-newline-in-quotes.csv",
      ":4:3: byte 0xE9 is not valid UTF-8; save the file as UTF-8"),
    .init("open-quote.csv", ":3:3: the quote that opens here is never closed"),
    .init(
      "text-after-quote.csv",
      ":3:2: text after a closing quote, at \"pre\"c; a quote inside a quoted cell is written twice"
    ),
    .init(
      "quote-inside-a-cell.csv",
      ":3:1: a quote inside an unquoted cell, at 5\"; quote the whole cell and write the quote twice"
    ),
    .init(
      "utf-16.csv",
      ": is UTF-16 text (it starts with its byte order mark); save it as UTF-8"),
    .init(
      "utf-16-without-mark.csv", ":1:1: byte 0x00 is a control character; this is not text"),
    .init("zip.csv", ": is a zip file; plain text, gzip and zstd are read, so unpack it first"),
    .init("cut-short.csv.gz", ": the gzip data is damaged: it ends early"),
    .init("wrong-checksum.csv.gz", ": the gzip data is damaged: incorrect data check"),
    .init("damaged.csv.gz", ": the gzip data is damaged: invalid code lengths set"),
    .init(
      "other-bytes-behind.csv.gz", ": the gzip data is damaged: other bytes follow its end"),
    .init("cut-short.csv.zst", ": the zstd data is damaged: it ends early"),
    .init(
      "wrong-checksum.csv.zst",
      ": the zstd data is damaged: Restored data doesn't match checksum"),
    .init(
      "other-bytes-behind.csv.zst", ": the zstd data is damaged: Unknown frame descriptor"),
  ]

  /// One message whatever the size of the blocks: a fault may not depend on where a block ends.
  @Test(arguments: faults, [1, 7, 1 << 18])
  func message(fault: Fault, blockSize: Int) throws {
    var options = TraceOptions()
    options.requireRows = true
    options.blockSize = blockSize
    let reader = TraceReader(path: faultyFile(fault.file), options: options)
    let error = #expect(throws: TraceError.self) { try reader.readTable() }
    #expect(error?.shortDescription == fault.file + fault.message)
    #expect(error?.category == fault.category)
    // The streaming reader is the same parser; it must agree to the letter.
    let streamed = #expect(throws: TraceError.self) { try reader.forEachBatch(rows: 2) { _ in } }
    #expect(streamed == error)
  }

  @Test func everyFileIsUsed() throws {
    #expect(try Set(filesInFaulty()) == Set(Self.faults.map(\.file)))
  }

  @Test func filesThatCannotBeOpened() throws {
    let missing = #expect(throws: TraceError.self) {
      try TraceReader(path: faultyFile("no-such.csv")).readTable()
    }
    #expect(missing?.shortDescription == "no-such.csv: no such file")
    #expect(missing?.category == .noInput)
    let directory = #expect(throws: TraceError.self) {
      try TraceReader(path: faultyFile("")).readTable()
    }
    #expect(directory?.problem == .isDirectory && directory?.category == .noInput)
  }

  /// The tests may run as a user who may read everything, so the number is what is tested.
  @Test func whatSystemErrorsMean() {
    #expect(openProblem(13) == .permissionDenied)
    #expect(openProblem(13).category == .noInput)
    #expect(openProblem(21) == .isDirectory)
    #expect(openProblem(24) == .cannotOpen("Too many open files"))
    #expect(TraceProblem.cannotRead("x").category == .inputOutput)
  }
}
