use owf_runtime::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct ExamResult<T> {
    grade: T,
}

#[workflow]
async fn exam(grade: u32) -> ExamResult<u32> {
    ExamResult { grade }
}

fn main() {}
