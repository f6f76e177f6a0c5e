import AuroraFields
import AuroraPacks
import AuroraSandbox
import AuroraSystem
import Glibc

extension CommandOption {
    /// The state folder, for commands about this device.
    static let device = CommandOption.value(
        "state", "DIR", hint: .directory,
        "the state folder; the device's part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]")

    /// The state folder, for commands that look at this machine.
    static let examinedState = CommandOption.value(
        "state", "DIR", hint: .directory, "whose file system is examined [$AURORA_STATE, else as for the hub]")
}

extension Invocation {
    /// The folder whose file system is examined; it need not be there yet.
    var examinedState: String {
        line.value("state") ?? surroundings.stateFolder(isRoot: SandboxIdentity.own.uid == 0)
    }

    /// Where the packs of this device lie: `device` in the state folder, beside the hub's files and never among them.
    ///
    /// A folder behind a link is named by where the link leads: rooms are made of paths without links.
    var devicePlaces: DevicePlaces {
        get throws(CommandError) {
            let state = line.value("state") ?? surroundings.stateFolder(isRoot: SandboxIdentity.own.uid == 0)
            return DevicePlaces(root: try LocalFile.resolved(try LocalFile.absolute(state) + "/device"))
        }
    }

    /// What the operator decides about the device, from its device.yaml.
    ///
    /// - Throws: `CommandError` with code `device_configuration` for the first mistake in the file.
    func deviceConfiguration(_ places: DevicePlaces) throws -> DeviceConfiguration {
        do {
            return try DeviceConfiguration.load(places)
        } catch let error as DocumentError {
            throw CommandError(
                error, all: "aurora doctor",
                cause:
                    "device.yaml decides what may happen on this device: all of it is understood, or nothing is done",
                code: "device_configuration", exit: .usage)
        }
    }
}

extension LocalFile {
    /// An absolute path with the links in it followed, as far as it is there (realpath(3)).
    ///
    /// - Throws: `CommandError` for links that lead in a circle.
    static func resolved(_ path: String) throws(CommandError) -> String {
        var (start, rest) = (path[...], "")
        while !start.isEmpty {
            if let found = realpath(String(start), nil) {
                defer { free(found) }
                let folder = String(cString: found)
                return rest.isEmpty || folder != "/" ? folder + rest : rest
            }
            let error = errno
            guard [ENOENT, ENOTDIR, EACCES].contains(error) else {
                throw failure(
                    "cannot use the folder \(path)",
                    SystemError(operation: "realpath", path: String(start), errno: error))
            }
            let end = start.lastIndex(of: "/") ?? start.startIndex
            rest = start[end...] + rest
            start = start[..<end]
        }
        return rest
    }

    /// A path from the root, without `.` and `..`, against this process's folder.
    static func absolute(_ path: String) throws(CommandError) -> String {
        var parts: [Substring] = []
        if !path.hasPrefix("/") {
            guard let here = getcwd(nil, 0) else {
                throw CommandError(
                    "the present folder is gone", remedy: "give \(path) from the root", code: "file_unreadable")
            }
            defer { free(here) }
            parts = String(cString: here).split(separator: "/")
        }
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
