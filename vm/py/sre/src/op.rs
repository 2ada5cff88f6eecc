//! The instructions, numbered as `sre_constants` does it.

macro_rules! ops {
    ($($name:ident = $number:literal)*) => {
        $(pub(crate) const $name: u32 = $number;)*
    };
}

ops! {
    FAILURE = 0
    SUCCESS = 1
    ANY = 2
    ANY_ALL = 3
    ASSERT = 4
    ASSERT_NOT = 5
    AT = 6
    BRANCH = 7
    CATEGORY = 9
    CHARSET = 10
    BIGCHARSET = 11
    GROUPREF = 12
    GROUPREF_EXISTS = 13
    IN = 14
    INFO = 15
    JUMP = 16
    LITERAL = 17
    MARK = 18
    MAX_UNTIL = 19
    MIN_UNTIL = 20
    NOT_LITERAL = 21
    NEGATE = 22
    RANGE = 23
    REPEAT = 24
    REPEAT_ONE = 25
    MIN_REPEAT_ONE = 27
    GROUPREF_IGNORE = 28
    IN_IGNORE = 29
    LITERAL_IGNORE = 30
    NOT_LITERAL_IGNORE = 31
    GROUPREF_LOC_IGNORE = 32
    IN_LOC_IGNORE = 33
    LITERAL_LOC_IGNORE = 34
    NOT_LITERAL_LOC_IGNORE = 35
    GROUPREF_UNI_IGNORE = 36
    IN_UNI_IGNORE = 37
    LITERAL_UNI_IGNORE = 38
    NOT_LITERAL_UNI_IGNORE = 39
    RANGE_UNI_IGNORE = 40
}
