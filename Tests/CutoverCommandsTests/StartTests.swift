import TestSupport
import Testing

/// What a command does not need is not loaded.
@Suite struct StartTests {
  /// Names of the libraries that the loader was asked for, by the dynamic loader's own account.
  static func libraries(_ words: String, _ runner: CommandRunner) throws -> String {
    let result = try runner.run("LD_DEBUG=files cutover \(words)")
    #expect(result.status == 0, "\(result.output)")
    return result.errors
  }

  @Test func linearAlgebraIsLoadedWhenItIsNeeded() throws {
    #if os(Linux)
      let runner = try CommandRunner()
      defer { runner.remove() }
      let predict =
        "predict --model liu.basic --memory 1024MiB --bandwidth 100MiB/s --dirty-rate 20MiB/s"
        + " --threshold 1MiB --format csv"
      for words in ["--version", predict] {
        let files = try Self.libraries(words, runner)
        #expect(files.contains("libc.so"), "the loader says what it loads")
        #expect(!files.contains("libopenblas") && !files.contains("liblapack"))
      }
      let fit =
        "fit Tests/Fixtures/nist/nonlinear/Misra1a.csv --formula 'y ~ x' --format csv"
      let files = try Self.libraries(fit, runner)
      #expect(files.contains("libopenblas.so.0") && files.contains("liblapacke.so.3"))
    #endif
  }
}
