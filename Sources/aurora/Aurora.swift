@main struct Aurora { static func main() {} }
