import Foundation

/// libFuzzer's driver, with the package's own `main` in front of it.
@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ take: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The reader that is fuzzed: one per run, so that each has its own corpus and its own minutes.
private let chosen: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["CUTOVER_FUZZ"] ?? ""
  guard let target = FuzzTarget(named: name) else {
    print("CUTOVER_FUZZ=\"\(name)\": expected one of \(FuzzTarget.names.joined(separator: " "))")
    exit(64)
  }
  return target
}()

/// `CUTOVER_FUZZ=qmp CutoverFuzz CORPUS -max_total_time=600`; arguments are libFuzzer's.
@main
enum Main {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(
      runDriver(&count, &arguments) { data, size in
        chosen.take(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
      })
  }
}

/// Ends the run where libFuzzer sees it, with the reason on stderr.
func violated(_ reason: String) -> Never {
  FileHandle.standardError.write(Data("cutover-fuzz: \(reason)\n".utf8))
  abort()
}
