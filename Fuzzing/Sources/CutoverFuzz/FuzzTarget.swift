import ModelCore
import QueueingModels
import Regression
import Reporting
import Traces

/// A reader under test, with what must hold of its answer to any bytes.
enum FuzzTarget {
  /// The reader of a platform's log.
  case log(LogKind)
  /// A log or a table whose kind is guessed, as `trace check` and `predict --scenarios` take it.
  case trace
  /// The recorder's decoder of a monitor's reply.
  case reply
  /// The right side of `--map COLUMN=EXPRESSION`.
  case mapping
  /// A model in PRISM's language.
  case prism

  private static let logKinds = LogKind.allCases.filter { $0 != .trace && $0 != .csv }

  static let names = logKinds.map(\.rawValue) + ["trace", "reply", "mapping", "prism"]

  init?(named name: String) {
    switch name {
    case "trace": self = .trace
    case "reply": self = .reply
    case "mapping": self = .mapping
    case "prism": self = .prism
    default:
      guard let kind = LogKind(rawValue: name), Self.logKinds.contains(kind) else { return nil }
      self = .log(kind)
    }
  }

  func take(_ bytes: [UInt8]) {
    switch self {
    case .log(let kind): readLog(bytes, kind)
    case .trace: checkTrace(bytes)
    case .reply: decodeReply(bytes)
    case .mapping: evaluateMapping(bytes)
    case .prism: readPrism(bytes)
    }
  }
}

/// Reads in small and in large blocks: which, hangs on the bytes, so that a find is repeatable.
private func blockSize(for bytes: [UInt8]) -> Int {
  [1, 19, 4096, 1 << 18][bytes.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % 4]
}

/// A failure names the file and is the file's fault, never the program's.
private func check(_ error: TraceError) {
  guard error.category == .badData else { violated("category \(error.category): \(error)") }
  guard error.description.hasPrefix("m.log") else { violated("no place: \(error)") }
}

/// Rows that come out are a trace that `trace check` has nothing against.
private func readLog(_ bytes: [UInt8], _ kind: LogKind) {
  var options = LogOptions()
  options.kind = kind
  options.wantsSamples = true
  options.blockSize = blockSize(for: bytes)
  do throws(TraceError) {
    let log = try TraceReader.Input.bytes(bytes, name: "m.log").readLog(options: options)
    let table = try LogTables.trace(log.rows, file: "m.log")
    _ = try LogTables.curves(log.readings)
    guard (try? log.samples.table()) != nil else { violated("samples of unequal lengths") }
    guard !log.rows.isEmpty else { return }
    guard let csv = try? TableRenderer(format: .csv).render(table) else {
      violated("the trace cannot be written")
    }
    let found = try TraceCheck(reading: TraceReader(bytes: Array(csv.utf8), name: "m.log"))
    // Memory in use above the machine's is what a log may really say.
    for finding in found.findings
    where finding.severity == .error && finding.rule != "used-above-memory" {
      violated("the rows are no trace: \(finding)")
    }
  } catch {
    check(error)
  }
}

private func checkTrace(_ bytes: [UInt8]) {
  var options = TraceOptions()
  options.blockSize = blockSize(for: bytes)
  do throws(TraceError) {
    let found = try TraceCheck(
      reading: TraceReader(bytes: bytes, name: "m.log", options: options), limit: 20)
    _ = try found.table()
  } catch {
    check(error)
  }
}

private func decodeReply(_ bytes: [UInt8]) {
  guard let decoder = try? QMPDecoder(wantsOtherFields: true) else { violated("no decoder") }
  guard case .migrate(let sample) = decoder.decode(bytes, time: 0) else { return }
  // What the recorder does with it.
  var series = MigrationSeries(id: "m", format: .qmp)
  series.add(sample, line: 1)
  var later = sample
  later.time = sample.time.map { $0 + 1 }
  series.add(later, line: 2)
  series.finish()
}

private func evaluateMapping(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  guard let expression = try? Expression(parsing: text) else { return }
  guard (try? Expression(parsing: expression.description)) == expression else {
    violated("\(expression) reads back as another expression")
  }
  let columns = [
    Column("a", numbers: [0, 1.5, nil, -3]), Column("b", numbers: [1, 1e308, 2, nil]),
  ]
  guard let table = try? Table(columns) else { violated("no table") }
  guard let values = try? expression.values(in: table) else { return }
  guard values.count == 4, values.allSatisfy({ !($0?.isNaN ?? false) }) else {
    violated("\(expression) gives \(values)")
  }
}

private func readPrism(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  guard let model = try? PrismModel.read(text, file: "m.prism") else { return }
  guard model.states.count < 2000 else { return }
  let written = PrismModel.write(model, title: "fuzz")
  guard let again = try? PrismModel.read(written, file: "w.prism"),
    again.states.count == model.states.count
  else { violated("what is written does not read back:\n\(written)") }
}
