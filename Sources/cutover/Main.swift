import CutoverCommands

@main
struct Main {
  static func main() {
    CutoverCommand.launch()
  }
}
