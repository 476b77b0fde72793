/// What runs on the far side: a few functions for a POSIX shell with coreutils or busybox.
///
/// No path is ever part of a program's text: paths are quoted arguments, and begin with `./` or `/` where a
/// program sees them, so that none is an option. Folders are entered with `cd -P`, and `$PWD` must then be what
/// was asked for: a symbolic link anywhere on the way shows at once. What remains is a race in the last name:
/// between the test that it is a regular file and its opening, somebody who may write the folder can put a link
/// there. GNU dd refuses links itself (`nofollow`); with busybox, reading then gives another file that the
/// account there may read, and writing changes another file that it may write.
enum SSHRemoteScript {
    /// The exit statuses of the functions, beside those of the programs.
    enum Status {
        static let noRoot = 90
        static let link = 91
        static let missing = 92
        static let notRegular = 93
        static let exists = 94
        static let folder = 95
        static let otherDevice = 96
    }

    /// The beginning of a session; then `v TOKEN FUNCTION ARGUMENT…` lines can follow.
    static func session(root: String) -> String {
        ([variables(root: root), "exec 3>&1", answer] + functions).joined(separator: "\n") + "\n"
    }

    /// One line for a process of its own: the function's output is all that comes behind the token.
    static func single(root: String, token: String, words: [String]) -> String {
        let parts = [variables(root: root)] + functions + ["printf '%s\\n' \(token)", line(words)]
        return parts.joined(separator: "; ") + "\n"
    }

    /// The command that takes ``single(root:token:words:)`` as the first line of its input.
    ///
    /// Whatever shell the account has, it sees only this; `read` takes no byte beyond the line's end.
    static let single = "exec sh -c 'IFS= read -r x && eval \"$x\"'"

    /// Words for the shell.
    static func line(_ words: [String]) -> String { words.map { ShellWord.quote($0) }.joined(separator: " ") }

    private static func variables(root: String) -> String {
        // The C locale: messages that can be understood, and bytes instead of characters.
        "unset CDPATH; LC_ALL=C; export LC_ALL; R=\(ShellWord.quote(root)); "
            + "case $R in /*) ;; *) R=${PWD%/}/$R;; esac"
    }

    /// Runs a function with its errors caught, and frames the answer: see ``SSHAnswerParser``.
    private static let answer = #"""
        v() { t=$1; shift; e=$( ( "$@" ) 2>&1 1>&3 </dev/null ); s=$?; \#
        printf '\n%s %d %s\n%s\n' "$t" "$s" "$e" "$t"; }
        """#

    /// Each on one line, so that they can go in one line together.
    private static let functions = [
        entering, checking, beating, tools, list, status, bytes, read, compressedRead, hashing, hash,
        longHash, checksum, readAndChecksum, write, replace, move, makeFolder, attributes, remove,
    ]

    /// `o` goes into the root, `d FOLDER` into a folder below it, never through a link.
    ///
    /// The root itself may be one: who named it meant what it leads to.
    private static let entering = #"""
        o() { cd -P -- "$R" || exit 90; B=${PWD%/}; }; \#
        d() { o; [ "$1" = . ] && return; \#
        if ! cd -P -- "./$1" 2>/dev/null; then \#
        if [ -d "./$1" ]; then cd -P -- "./$1"; exit 1; \#
        elif [ -e "./$1" ] || [ -h "./$1" ]; then exit 91; else exit 92; fi; fi; \#
        [ "$PWD" = "$B/$1" ] || exit 91; }
        """#

    /// `f NAME`: a regular file in this folder, or the end.
    private static let checking = #"""
        f() { if [ -h "./$1" ]; then exit 91; elif [ ! -e "./$1" ]; then exit 92; \#
        elif [ ! -f "./$1" ]; then exit 93; fi; }
        """#

    /// `b`: dots while something long goes on, so that silence means what it says.
    private static let beating = #"""
        b() { ( while sleep 5 >/dev/null 2>&1; do printf .; done ) & k=$!; }
        """#

    /// `hi`: one word for each tool that is there, and the seconds since 1970 by the clock there.
    private static let tools = #"""
        hi() { printf 'voxsite-tools:'; \#
        [ "$(find . -maxdepth 0 -printf '%y' 2>/dev/null)" = d ] && printf ' find'; \#
        stat -c '%f %s %Y %i' . >/dev/null 2>&1 && printf ' stat'; \#
        for t in sha256sum truncate gzip cksum; do command -v $t >/dev/null 2>&1 && printf ' %s' $t; done; \#
        [ "$(printf abc | dd iflag=count_bytes,skip_bytes skip=0 count=2 status=none 2>/dev/null)" = ab ] && \#
        printf ' dd'; \#
        dd if=/dev/null of=/dev/null iflag=nofollow oflag=nofollow,seek_bytes status=none 2>/dev/null && \#
        printf ' nofollow'; \#
        printf ' time=%s\n' "$(date +%s 2>/dev/null)"; }
        """#

    /// `ls_ FOLDER find|stat [-maxdepth 1]`: kind, size, times and name of all below, ended by NUL.
    private static let list = #"""
        ls_() { d "$1"; if [ "$2" = find ]; then \#
        find . -mindepth 1 $3 -printf '%y/%s/%T@/%i/%m/%P\0'; else \#
        find . -mindepth 1 $3 -exec sh -c 'for p; do s=$(stat -c "x%f/%s/%Y/%i/-" -- "$p") && \#
        printf "%s/%s\0" "$s" "$p"; done' sh {} +; fi; }
        """#

    /// `st find|stat PATH…`: the same of each path that is there, ancestors among them.
    private static let status = #"""
        st() { o; m=$1; shift; if [ "$m" = find ]; then \#
        find "$@" -maxdepth 0 -printf '%y/%s/%T@/%i/%m/%p\0'; else \#
        for p; do s=$(stat -c 'x%f/%s/%Y/%i/-' -- "$p") && printf '%s/%s\0' "$s" "$p"; done; fi; }
        """#

    /// `by NAME OFFSET COUNT FLAGS`: bytes of a file in this folder; `-` for flags takes tail, where dd cannot
    /// count bytes.
    private static let bytes = #"""
        by() { if [ "$4" = - ]; then \#
        tail -c "+$(($2 + 1))" -- "./$1" | head -c "$3"; else \#
        dd if="./$1" bs=262144 iflag="$4" skip="$2" count="$3" status=none; fi; }
        """#

    /// `rd FOLDER NAME OFFSET COUNT FLAGS`: the same, of a file anywhere.
    private static let read = #"""
        rd() { d "$1"; f "$2"; by "$2" "$3" "$4" "$5"; }
        """#

    /// `rz`: the same, compressed; fast rather than well, since that is most of the gain.
    private static let compressedRead = #"""
        rz() { d "$1"; f "$2"; by "$2" "$3" "$4" "$5" | gzip -c -1; }
        """#

    /// `hs`: SHA-256 of the input, by what is quicker: OpenSSL uses the processor's own instructions for it, which
    /// is four times as fast as the coreutils of many systems.
    private static let hashing = #"""
        hs() { case $(printf '' | openssl dgst -sha256 -r 2>/dev/null) in \#
        e3b0c44298fc1c14*) openssl dgst -sha256 -r;; *) sha256sum;; esac; }
        """#

    /// `sh_ FOLDER NAME COUNT`: SHA-256 of so many bytes, or of all where COUNT is `-`.
    private static let hash = #"""
        sh_() { d "$1"; f "$2"; if [ "$3" = - ]; then hs < "./$2"; else \#
        head -c "$3" -- "./$2" | hs; fi; }
        """#

    /// `shl`: the same with dots before it.
    private static let longHash = #"""
        shl() { b; ( sh_ "$@" ); s=$?; kill $k; exit $s; }
        """#

    /// `ck FOLDER NAME`: the POSIX checksum of a file, and its length then.
    private static let checksum = #"""
        ck() { d "$1"; f "$2"; cksum < "./$2"; }
        """#

    /// `ct`, with the arguments of `rz`: what that gives, a line feed, and what `ck` gives; both at the same time.
    private static let readAndChecksum = #"""
        ct() { d "$1"; f "$2"; \#
        { s=$(by "$2" "$3" "$4" "$5" | gzip -c -1 >&4 & cksum < "./$2" && wait $!) || exit 1; } 4>&1; \#
        printf '\n%s' "$s"; }
        """#

    /// `wr FOLDER NAME OFFSET FLAGS cut|keep`: the input into the file, on the device when it returns.
    ///
    /// dd itself must never truncate: that of coreutils 9.1 empties the file first where the offset is smaller
    /// than a block.
    private static let write = #"""
        wr() { d "$1"; n=; if [ -h "./$2" ]; then exit 91; elif [ ! -e "./$2" ]; then n=1; \#
        elif [ ! -f "./$2" ]; then exit 93; \#
        elif [ "$5" = cut ]; then truncate -c -s "$3" "./$2" || exit 1; fi; b; umask 077; \#
        dd of="./$2" bs=65536 oflag="$4" seek="$3" conv=notrunc,fsync status=none; s=$?; \#
        if [ $s = 0 ] && [ "$n" ]; then sync . || s=$?; fi; kill $k; exit $s; }
        """#

    /// `rp FOLDER NAME FOLDER NAME`: the first in the place of the second.
    private static let replace = #"""
        rp() { d "$1"; f "$2"; P=${PWD%/}; d "$3"; \#
        if [ -d "./$4" ] && [ ! -h "./$4" ]; then exit 95; fi; \#
        [ "$(stat -c %d -- "$P/$2")" = "$(stat -c %d -- .)" ] || exit 96; \#
        sync -- "$P/$2" && mv -fT -- "$P/$2" "./$4" && sync .; }
        """#

    /// `mn FOLDER NAME FOLDER NAME`: the first under the second name, which is free.
    ///
    /// A hard link fails where the name is taken, in one step; some file systems have none.
    private static let move = #"""
        mn() { d "$1"; if [ ! -e "./$2" ] && [ ! -h "./$2" ]; then exit 92; fi; P=${PWD%/}; d "$3"; \#
        if [ -e "./$4" ] || [ -h "./$4" ]; then exit 94; fi; \#
        if [ -f "$P/$2" ] && [ ! -h "$P/$2" ] && ln -T -- "$P/$2" "./$4" 2>/dev/null; then \#
        rm -f -- "$P/$2" || exit 1; \#
        elif [ -e "./$4" ] || [ -h "./$4" ]; then exit 94; \#
        else mv -nT -- "$P/$2" "./$4" || exit 1; \#
        if [ -e "$P/$2" ] || [ -h "$P/$2" ]; then exit 94; fi; fi; sync . && sync -- "${P:-/}"; }
        """#

    /// `mk FOLDER`: with those it lies in.
    private static let makeFolder = #"""
        mk() { o; p=$1; while [ "$p" ]; do c=${p%%/*}; case $p in */*) p=${p#*/};; *) p=;; esac; \#
        [ -h "./$c" ] && exit 91; \#
        if [ ! -d "./$c" ]; then mkdir -- "./$c" || [ -d "./$c" ] || exit 1; sync . || exit 1; fi; \#
        w=${PWD%/}/$c; cd -P -- "./$c" || exit 1; [ "$PWD" = "$w" ] || exit 91; done; }
        """#

    /// `at FOLDER NAME MODE TIME`, each `-` to leave it.
    ///
    /// busybox knows whole seconds only.
    private static let attributes = #"""
        at() { d "$1"; if [ -h "./$2" ]; then exit 91; elif [ ! -e "./$2" ]; then exit 92; fi; \#
        [ "$3" = - ] || chmod -- "$3" "./$2" || exit 1; \#
        [ "$4" = - ] || touch -c -m -d "@$4" -- "./$2" 2>/dev/null || \#
        touch -c -m -d "@${4%.*}" -- "./$2" || exit 1; }
        """#

    /// `rm_ FOLDER NAME`: a file, a link or an empty folder.
    private static let remove = #"""
        rm_() { d "$1"; if [ -d "./$2" ] && [ ! -h "./$2" ]; then rmdir -- "./$2" || exit 1; \#
        elif [ -e "./$2" ] || [ -h "./$2" ]; then rm -f -- "./$2" || exit 1; else exit 0; fi; sync .; }
        """#
}
