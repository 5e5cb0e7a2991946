import Testing
import Traces

@Suite struct MonitorAddressTests {
  @Test(arguments: [
    ("/run/vm.qmp", MonitorAddress.unix(path: "/run/vm.qmp")),
    ("unix:vm.qmp", .unix(path: "vm.qmp")), ("vm.qmp", .unix(path: "vm.qmp")),
    ("./a:b", .unix(path: "./a:b")), ("127.0.0.1:4444", .tcp(host: "127.0.0.1", port: 4444)),
    ("tcp:localhost:1", .tcp(host: "127.0.0.1", port: 1)),
    ("127.1.2.3:65535", .tcp(host: "127.1.2.3", port: 65535)),
  ])
  func addresses(_ text: String, _ expected: MonitorAddress) throws {
    #expect(try MonitorAddress(parsing: text) == expected)
  }

  /// Another machine's monitor obeys without a password: never in the clear.
  @Test(arguments: [
    "", "unix:", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:", "10.0.0.1:4444", "host:4444",
    "1.2.3:4", "127.0.0.256:1", "0.0.0.0:4444",
  ])
  func refused(_ text: String) {
    #expect(throws: RecordingError.self) { try MonitorAddress(parsing: text) }
  }

  @Test(arguments: [0, 0.001, 61, .nan, .infinity]) func intervals(_ seconds: Double) {
    #expect(throws: RecordingError.self) { try RecordingPlan(id: "a", interval: seconds) }
  }

  @Test(arguments: [0, 61, -1]) func windows(_ seconds: Int) {
    #expect(throws: RecordingError.self) {
      try RecordingPlan(id: "a", dirtyRateWindows: [1, seconds])
    }
  }
}
