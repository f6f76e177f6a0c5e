import CShims
import Glibc

/// Folders and files that appear at `/mnt/0`, `/mnt/1` … in a mount namespace of this process and what it becomes.
///
/// They come as descriptors: what was opened is what is shown, whatever its name means by now, and the user that the
/// launcher becomes need not be able to walk there. Done with the rights of the start (CAP_SYS_ADMIN).
struct Shown {
    private static let place = "/mnt"
    private let trees: [(descriptor: Int32, isDirectory: Bool)]

    /// Takes each descriptor's tree while this is still the namespace it was opened in.
    init(_ descriptors: [UInt32]) throws(Failure) {
        var trees: [(Int32, Bool)] = []
        for number in descriptors {
            var status = stat()
            let descriptor = Int32(bitPattern: number)
            guard fstat(descriptor, &status) == 0 else { throw Failure(.mounts, "descriptor \(number) is not open") }
            let tree = aurora_launcher_clone_mount(descriptor)
            guard tree >= 0 else { throw Failure(.mounts, "descriptor \(number) cannot be mounted") }
            trees.append((tree, status.st_mode & S_IFMT == S_IFDIR))
        }
        self.trees = trees
    }

    /// Makes the namespace and puts every tree in its place.
    func attach() throws(Failure) {
        if aurora_launcher_mount_namespace() != 0 || aurora_launcher_private_mounts() != 0 {
            throw Failure(.mounts, "no mount namespace can be made")
        }
        // No room shows it, often half of all mounts are below it, and bubblewrap reads the table of all at each step.
        // Where it is not mounted there is nothing to win.
        _ = aurora_launcher_detach("/sys")
        if aurora_launcher_tmpfs(Shown.place) != 0 { throw Failure(.mounts, "no tmpfs on \(Shown.place)") }
        for (index, tree) in trees.enumerated() {
            let name = "\(Shown.place)/\(index)"
            if tree.isDirectory {
                if mkdir(name, 0o755) != 0 { throw Failure(.mounts, name) }
            } else {
                let file = creat(name, 0o644)
                guard file >= 0 else { throw Failure(.mounts, name) }
                close(file)
            }
            if aurora_launcher_attach(tree.descriptor, name) != 0 { throw Failure(.mounts, name) }
            close(tree.descriptor)
        }
    }
}
