import Foundation
import ModelCore
import Testing

@testable import Traces

/// The logs that come with the tests: a folder per kind, and another tree with what they become.
enum LogFixtures {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/logs")

  static let expected = root.deletingLastPathComponent().appending(path: "logs-expected")

  /// `kind/name` of every log.
  static let all: [String] = {
    let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
    return (paths ?? []).filter { path in
      path.split(separator: "/").count == 2 && !path.hasPrefix("csv/")
    }.sorted()
  }()

  static func path(_ name: String) -> String { root.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: root.appending(path: name)))
  }

  static func kind(_ name: String) throws -> LogKind {
    try #require(LogKind(rawValue: String(name.split(separator: "/")[0])))
  }
}

/// Reads a log that is given as text.
func readLog(
  _ text: String, kind: LogKind? = nil, name: String = "vm.log", samples: Bool = false
) throws -> LogRead {
  try readLog(Array(text.utf8), kind: kind, name: name, samples: samples)
}

func readLog(
  _ bytes: [UInt8], kind: LogKind? = nil, name: String = "vm.log", samples: Bool = false
) throws -> LogRead {
  var options = LogOptions()
  options.kind = kind
  options.wantsSamples = samples
  return try TraceReader.Input.bytes(bytes, name: name).readLog(options: options)
}

/// The only row of a log.
func onlyRow(_ text: String, kind: LogKind? = nil) throws -> MigrationRow {
  let rows = try readLog(text, kind: kind).rows
  #expect(rows.count == 1)
  return try #require(rows.first)
}

/// A reply of `query-migrate` with memory, for tests that change a field or two.
func reply(
  _ status: String = "active", total: Int? = 1000, transferred: Int = 1_000_000, more: String = "",
  ram: String = ""
) -> String {
  let time = total.map { "\"total-time\":\($0)," } ?? ""
  return """
    {"status":"\(status)",\(time)"setup-time":5,\(more)"ram":{"total":1073741824,"remaining":5000,\
    "transferred":\(transferred),"duplicate":10,"normal":200,"normal-bytes":819200,"mbps":800,\
    "dirty-pages-rate":0,"dirty-sync-count":1,"postcopy-requests":0,\(ram)"page-size":4096}}
    """
}
