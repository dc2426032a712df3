//! The truth table of the audience, exhaustively: every cell that the contract enumerates, asked of the engine and
//! of an oracle that was written separately.

mod oracle;
mod product;

use oracle::{
    Author, Block, Cell, DENIALS, Domain, Follow, Mention, Mute, denials, everyday_cells, may, unusual_cells,
};

#[test]
fn every_cell_of_the_truth_table_is_decided_as_the_contract_defines() {
    let cells = everyday_cells();
    assert_eq!(cells.len(), 7 * 3 * 3 * 4 * 4 * 4 * 4 * 2 * 3 * 2);
    assert_eq!(cells.len(), 193_536);
    assert_decided_as_defined(&cells);
}

#[test]
fn as_many_cells_are_consistent_and_visible_as_the_contract_counts() {
    let consistent: Vec<Cell> = everyday_cells().into_iter().filter(Cell::is_consistent).collect();
    assert_eq!(consistent.len(), 23_688);
    assert_eq!(consistent.iter().filter(|cell| cell.situation().verdict().is_shown()).count(), 4_044);
}

#[test]
fn every_stage_viewer_and_instance_is_decided_as_the_contract_defines() {
    let cells = unusual_cells();
    assert_eq!(cells.len(), (5 * 2 * 2) * 7 * 3 * 2 * 4 * 2 * 2 * 2 * 2 * 2);
    assert_eq!(cells.len(), 107_520);
    assert_decided_as_defined(&cells);
}

/// What a viewer does for their own peace, and what is not settled between the two, is no matter of permission:
/// the viewer's own block (row 23), domain block and mute, a follow that is only asked for (row 11), being addressed
/// silently or by name, an author who is limited.
#[test]
fn nothing_but_what_the_definition_names_matters_to_permission() {
    for cell in everyday_cells() {
        let bare = Cell {
            block: match cell.block {
                Block::None | Block::ViewerBlocks => Block::None,
                Block::AuthorBlocks | Block::Both => Block::AuthorBlocks,
            },
            domain: match cell.domain {
                Domain::None | Domain::ViewerBlocks => Domain::None,
                Domain::AuthorBlocks => Domain::AuthorBlocks,
            },
            follow: if cell.follow == Follow::Pending { Follow::None } else { cell.follow },
            mention: if cell.mention == Mention::Silent { Mention::Active } else { cell.mention },
            author: if cell.author == Author::Limited { Author::Active } else { cell.author },
            mute: Mute::None,
            ..cell
        };
        assert_eq!(cell.situation().verdict(), bare.situation().verdict(), "{cell:?}");
        assert_eq!(may(&cell), may(&bare), "{cell:?}");
    }
}

/// Guards the comparison itself: an oracle whose denials never decide would prove nothing about them.
#[test]
fn every_denial_of_the_oracle_decides_some_cell_by_itself() {
    let cells: Vec<Cell> = unusual_cells().into_iter().filter(Cell::is_consistent).collect();
    for (term, _) in DENIALS {
        assert!(cells.iter().any(|cell| denials(cell).eq([term])), "{term} never decides");
    }
}

fn assert_decided_as_defined(cells: &[Cell]) {
    for cell in cells {
        let verdict = cell.situation().verdict();
        assert_eq!(
            verdict.is_shown(),
            may(cell),
            "{verdict:?} for {cell:?}; denied by {:?}",
            denials(cell).collect::<Vec<_>>()
        );
    }
}
