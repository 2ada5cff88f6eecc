//! Loading programs.

#[test]
fn findings_of_the_verifier_show_the_line_of_the_text() {
    let text = b"DEFINE main\nLINE 70\nLOAD_CONST f\nLINE 60\nRETURN_VALUE\nEND\n\
                DEFINE f\nFIRST_LINE 9\nPOP_TOP\nEND\n";
    let found = vm_py::load_bytes("x.cpyasm", text).unwrap_err();
    let place = found.diagnostics()[0].place.as_ref().unwrap();
    let position = vm_base::Position::Line { line: 9, column: 1 };
    assert_eq!((&*place.file, &place.position), ("x.cpyasm", &position));
}
