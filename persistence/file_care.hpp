#pragma once

#include <string>

// What a store's files need from the file system.

namespace callboard::persistence {

/// Returns when the disk has the file, or the names in the directory: 0, or an
/// errno. File systems that have nothing to do for a directory are content.
int sync_path(const std::string& path);

/// Lets the owner of the directory have the file, so that what root did there does
/// not keep out whoever runs the node. Others than root own what they make anyway.
void give_to_owner_of(const std::string& directory, const std::string& file);

} // namespace callboard::persistence
