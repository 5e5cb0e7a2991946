import Foundation
import TestSupport
import Testing
import Yams

/// Whatever `advise` says to type is typed here, as far as the tools can be had.
@Suite(.serialized) struct AdviseSettingsTests {
  static let techniques = [
    "precopy", "precopy+multifd", "precopy+xbzrle", "precopy+multifd-zstd", "precopy+multifd-zlib",
    "precopy+autoconverge", "hybrid", "postcopy",
  ]

  private struct Line {
    var place: String
    var text: String
  }

  /// The lines for one tool, of a machine small enough to be moved here.
  private func lines(
    _ platform: String, _ technique: String, _ more: String = "--memory 64MiB"
  ) throws -> [Line] {
    let runner = try CommandRunner()
    defer { runner.remove() }
    let result = try runner.run(
      "cutover advise \(more) --dirty-rate 1MiB/s --link 1Gbit/s --downtime 300ms "
        + "--total-time 10min --platform \(platform) --technique \(technique) --format json")
    #expect(result.status == 0, "\(result.errors)")
    let answer = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let rows = try #require(answer?["settings"] as? [[String: Any]])
    return try rows.map { row in
      #expect(row["platform"] as? String == platform)
      return Line(
        place: try #require(row["place"] as? String),
        text: try #require(row["setting"] as? String))
    }
  }

  // MARK: QEMU

  /// Types the lines into two QEMUs and migrates from one to the other.
  private func migrate(
    _ platform: String, _ technique: String, _ more: String = "--memory 64MiB"
  ) throws -> [String: Any] {
    let runner = try CommandRunner()
    defer { runner.remove() }
    let result = try runner.run(
      "cutover advise \(more) --dirty-rate 1MiB/s --link 1Gbit/s --downtime 300ms "
        + "--total-time 10min --platform \(platform) --technique \(technique) -o $TMP/a.json && "
        + "python3 Tests/Monitor/type_lines.py \(platform) $TMP/a.json")
    #expect(result.status == 0, "\(result.errors); 'make test-deps' installs QEMU")
    let answer = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(answer as? [String: Any])
  }

  @Test(arguments: techniques)
  func qmpLinesMigrate(_ technique: String) throws {
    let found = try migrate("qmp", technique)
    let lines = try #require(found["lines"] as? [[String: Any]])
    #expect(lines.count >= 2)
    for line in lines {
      #expect((line["answer"] as? [String: Any])?["error"] == nil, "\(line)")
      #expect((line["text"] as? String)?.contains("DESTINATION") == false)
    }
    #expect(found["status"] as? String == "completed")
  }

  @Test(arguments: techniques)
  func hmpLinesMigrate(_ technique: String) throws {
    let found = try migrate("hmp", technique)
    let lines = try #require(found["lines"] as? [[String: Any]])
    #expect(lines.count >= 3)
    for line in lines {
      // An accepted line prints nothing.
      #expect((line["answer"] as? [String: Any])?["return"] as? String == "", "\(line)")
    }
    #expect(found["status"] as? String == "completed")
  }

  /// QEMU takes the numbers as they are meant: milliseconds, bytes per second, bytes.
  @Test(arguments: ["qmp", "hmp"])
  func theNumbersArriveInTheirUnits(_ platform: String) throws {
    let found = try migrate(
      platform, "precopy+xbzrle", "--memory 8GiB --working-set 200MiB")
    let parameters = try #require(found["parameters"] as? [String: Any])
    #expect(parameters["max-bandwidth"] as? Int == 125_000_000)
    #expect(parameters["downtime-limit"] as? Int == 266)
    #expect(parameters["xbzrle-cache-size"] as? Int == 268_435_456)
  }

  @Test func aWrongLineIsRefused() throws {
    let runner = try CommandRunner()
    defer { runner.remove() }
    let wrong =
      #"{"settings": [{"platform": "qmp", "place": "on the source", "setting": "{\"execute\": "#
      + #"\"migrate-set-parameters\", \"arguments\": {\"downtime-limits\": 1}}"}, "#
      + #"{"platform": "qmp", "place": "on the source", "setting": "{\"execute\": \"migrate\", "#
      + #"\"arguments\": {\"uri\": \"tcp:DESTINATION:4444\"}}"}]}"#
    try Data(wrong.utf8).write(to: runner.scratch.appending(path: "a.json"))
    let result = try runner.run("python3 Tests/Monitor/type_lines.py qmp $TMP/a.json")
    let answer = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    let lines = try #require((answer as? [String: Any])?["lines"] as? [[String: Any]])
    #expect((lines.first?["answer"] as? [String: Any])?["error"] != nil)
  }

  // MARK: virsh

  private func virsh(_ words: String) throws -> CommandResult {
    let runner = try CommandRunner()
    defer { runner.remove() }
    return try runner.run("timeout 3 virsh -c test:///default \(words)")
  }

  /// virsh reads a command's options before its test driver says that it cannot migrate.
  private static let understood = [
    "this function is not supported by the connection driver",
    "Migration APIs with extensible parameters are not supported",
  ]

  @Test(arguments: techniques)
  func virshUnderstandsItsLines(_ technique: String) throws {
    let text = try lines("virsh", technique, "--memory 64MiB --bandwidth-cap 100MiB/s")
      .map(\.text).joined(separator: "\n").replacingOccurrences(of: "\\\n", with: "")
    let commands = text.split(separator: "\n")
    #expect(commands.count >= 2)
    let help = try virsh("help migrate").output
    for command in commands {
      #expect(command.hasPrefix("virsh "))
      let words = command.dropFirst(6)
        // With it virsh waits for a progress that the test driver never reports.
        .replacingOccurrences(of: " --verbose", with: "")
        .replacingOccurrences(of: " VM", with: " test")
        .replacingOccurrences(of: "qemu+ssh://DESTINATION/system", with: "test:///default")
      let result = try virsh(words)
      #expect(result.status != 127, "virsh is not there; 'make test-deps' installs it")
      // 124: the options were read, and virsh waits for the end of what its test driver refused.
      let isMigrating = words.hasPrefix("migrate ") && result.status == 124 && result.errors.isEmpty
      #expect(
        isMigrating || Self.understood.contains { result.errors.contains($0) },
        "\(words): \(result.errors)")
      if words.hasPrefix("migrate ") { try checkOptions(String(words), known: help) }
    }
  }

  /// Every option is one of virsh's own synopsis, `[--name]` or `[--name <number>]`.
  private func checkOptions(_ words: String, known help: String) throws {
    let words = words.split(separator: " ").map(String.init)
    for (index, word) in words.enumerated() where word.hasPrefix("--") {
      let argument = index + 1 < words.count ? words[index + 1] : "--"
      if help.contains("[\(word) <number>]") {
        #expect(Int(argument) != nil, "\(word) \(argument)")
      } else if help.contains("[\(word) <string>]") {
        #expect(!argument.hasPrefix("--"), "\(word) \(argument)")
      } else {
        #expect(help.contains("[\(word)]"), "\(word)")
      }
    }
  }

  @Test func virshRefusesOtherOptions() throws {
    let result = try virsh("migrate --live test test:///default --auto-converges")
    #expect(result.errors.contains("doesn't support option"))
    #expect(try virsh("help migrate").output.contains("[--verbose]"))
  }

  // MARK: Files

  /// Names with their kinds from a fixture.
  private func known(_ file: String) throws -> [String: [String]] {
    let url = Fixtures.checkout.appending(path: "Tests/Fixtures/advise/\(file)")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    return Dictionary(
      uniqueKeysWithValues: lines.filter { !$0.hasPrefix("#") }.map { line in
        let words = line.split(separator: " ").map(String.init)
        return (words[0], Array(words.dropFirst()))
      })
  }

  @Test(arguments: ["precopy", "precopy+multifd", "precopy+autoconverge", "hybrid", "postcopy"])
  func novaKnowsItsOptions(_ technique: String) throws {
    let options = try known("nova-options.txt")
    let lines = try lines("nova", technique).map(\.text)
    #expect(lines.first == "[libvirt]" && lines.count > 6)
    for line in lines.dropFirst() {
      let parts = line.components(separatedBy: " = ")
      let kind = try #require(options[parts[0]], "\(line)")
      switch kind[0] {
      case "int":
        #expect(try #require(Int(parts[1])) >= (try #require(Int(kind[1]))), "\(line)")
      case "bool": #expect(["true", "false"].contains(parts[1]), "\(line)")
      default: #expect(kind[0].split(separator: "|").contains { $0 == parts[1] }, "\(line)")
      }
    }
    #expect(
      lines.contains("live_migration_permit_post_copy = true")
        == ["hybrid", "postcopy"].contains(technique))
  }

  @Test(arguments: ["precopy", "precopy+autoconverge", "hybrid", "postcopy"])
  func theKubeVirtPolicyIsOne(_ technique: String) throws {
    let fields = try known("kubevirt-policy-fields.txt")
    let text = try lines("kubevirt", technique).map(\.text).joined(separator: "\n")
    let policy = try #require(try Yams.load(yaml: text) as? [String: Any])
    #expect(policy["apiVersion"] as? String == "migrations.kubevirt.io/v1alpha1")
    #expect(policy["kind"] as? String == "MigrationPolicy")
    #expect((policy["metadata"] as? [String: Any])?["name"] as? String == "cutover-advice")
    let spec = try #require(policy["spec"] as? [String: Any])
    for (name, value) in spec {
      switch try #require(fields[name]?.first, "\(name)") {
      case "bool": #expect(value is Bool, "\(name)")
      case "int": #expect((value as? Int ?? 0) >= 1, "\(name)")
      case "map": #expect(value is [String: Any], "\(name)")
      default: #expect((value as? String)?.wholeMatch(of: /[0-9]+Mi/) != nil, "\(name)")
      }
    }
    #expect(spec["allowAutoConverge"] as? Bool == (technique == "precopy+autoconverge"))
  }

  @Test(arguments: ["precopy", "precopy+autoconverge"])
  func proxmoxKnowsItsOptions(_ technique: String) throws {
    let url = Fixtures.checkout.appending(path: "Tests/Fixtures/advise/proxmox-options.txt")
    let known = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
    let lines = try lines("proxmox", technique)
    #expect(lines.count == 4)
    for line in lines {
      if line.text.hasPrefix("qm ") {
        let words = line.text.split(separator: " ").map(String.init)
        for (index, word) in words.enumerated() where word.hasPrefix("--") {
          let prefix = "\(words[1]) \(word.dropFirst(2)) "
          let entry = try #require(known.first { $0.hasPrefix(prefix) }, "\(line)")
          if entry.hasSuffix("number") { #expect(Double(words[index + 1]) == 0.266) }
          if entry.hasSuffix("int") { #expect(Int(words[index + 1]) != nil) }
        }
      } else {
        let name = try #require(line.text.split(separator: ":").first)
        #expect(known.contains { $0.hasPrefix("datacenter \(name) ") }, "\(line)")
      }
    }
  }

  /// The same facts in other units give the same bytes.
  @Test func unitsAreOneAndTheSame() throws {
    let runner = try CommandRunner()
    defer { runner.remove() }
    let first = try runner.run(
      "cutover advise --memory 64GiB --dirty-rate 900MiB/s --dirty-rate-window 1s "
        + "--link 10Gbit/s --downtime 300ms --total-time 10min --format json")
    let second = try runner.run(
      "cutover advise --memory 65536MiB --dirty-rate 230400pages/s --dirty-rate-window 1000ms "
        + "--link 1250MB/s --downtime 0.3s --total-time 600s --format json")
    func options(_ result: CommandResult) throws -> NSArray {
      let answer = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
      return try #require((answer as? [String: Any])?["options"] as? NSArray)
    }
    #expect(first.status == 0 && !first.output.isEmpty)
    #expect(try options(first) == options(second))
  }
}
