use vm::py::pyc::Pyc;
fn main() {
    let (mut ok, mut n) = (0, 0);
    for f in std::env::args().skip(1) {
        let bytes = std::fs::read(&f).unwrap();
        let pyc = Pyc::read(&f, &bytes).unwrap();
        n += 1;
        match vm::py::text::again(pyc) {
            Ok((unit, back)) => {
                if back.write() == bytes { ok += 1 } else { println!("DIFF {f}"); if true { std::fs::write(format!("/tmp/zz/{}.pyc", f.replace("/","_")), back.write()).unwrap(); } }
                for o in &unit.objects {
                    let s = &o.said;
                    if s.stack_size.is_some() { println!("STAT stack"); }
                    if s.flags_on|s.flags_off != 0 { println!("STAT flags {:x} {:x} {} {f}", s.flags_on, s.flags_off, o.label); }
                    if !s.consts.is_empty() { println!("STAT consts {} {f}", o.label); }
                    if !s.names.is_empty() { println!("STAT names {} {f}", o.label); }
                    if !s.locals.is_empty() { println!("STAT locals {} {f}", o.label); }
                    if s.cells.is_some() { println!("STAT cells {} {f}", o.label); }
                    if s.frees.is_some() { println!("STAT frees {} {f}", o.label); }
                    if s.line_table.is_some() { println!("STAT linetable {} {f}", o.label); }
                    println!("STAT objects");
                }
            }
            Err(e) => println!("ERR {f}: {e}"),
        }
    }
    println!("{ok} of {n}");
}
