internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The parts of output files that are not committed: what a signal has to remove.
enum UnfinishedFiles {
  private static let paths = Mutex<Set<String>>([])
  private static let handlers = Mutex<[any DispatchSourceSignal]>([])

  /// Creates a part and notes it in one step, so that no signal falls between.
  static func start(_ path: String, _ create: () -> (Int32, Int32)) -> (Int32, Int32) {
    paths.withLock { paths in
      let answer = create()
      if answer.0 >= 0 { paths.insert(path) }
      return answer
    }
  }

  /// Renames or removes a part and forgets it in one step.
  static func finish(_ path: String, _ end: () -> Int32) -> Int32 {
    paths.withLock { paths in
      paths.remove(path)
      return end()
    }
  }

  static func removeOnSignal() {
    handlers.withLock { handlers in
      guard handlers.isEmpty else { return }
      for number in [SIGINT, SIGTERM, SIGHUP] {
        // A signal source needs the default action off, or the program ends before it runs.
        let previous = signal(number, SIG_IGN)
        if isIgnored(previous) { continue }
        let source = DispatchSource.makeSignalSource(
          signal: number, queue: .global(qos: .userInteractive))
        source.setEventHandler { removeAllAndDie(of: number) }
        // Until the source is registered a signal would be ignored and lost.
        let isRegistered = DispatchSemaphore(value: 0)
        source.setRegistrationHandler { isRegistered.signal() }
        source.activate()
        isRegistered.wait()
        handlers.append(source)
      }
    }
  }

  private static func removeAllAndDie(of number: Int32) {
    // Never unlocked: no file may be created or renamed between the removal and the end.
    paths.withLock { paths in
      for path in paths { unlink(path) }
      signal(number, SIG_DFL)
      var set = sigset_t()
      sigemptyset(&set)
      sigaddset(&set, number)
      // Dispatch blocks signals in its threads; blocked, this one would not end the program.
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
      raise(number)
      // Reached only where the signal does not end the program; the shell's number for it does.
      _exit(128 + number)
    }
  }

  #if canImport(Darwin)
    private typealias Handler = sig_t?
  #else
    private typealias Handler = __sighandler_t?
  #endif

  private static func isIgnored(_ handler: Handler) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN as Handler, to: Int.self)
  }
}
